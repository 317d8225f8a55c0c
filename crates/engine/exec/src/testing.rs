//! Samples for unit tests.

use std::collections::BTreeMap;
use std::time::Duration;

use updraft_kernel::ports::{CodeLocation, FunctionSpec, LogSpec};
use updraft_kernel::{AccountId, Arn, Region};

pub(crate) fn spec(runtime: &str) -> FunctionSpec {
    FunctionSpec {
        account: AccountId::local(),
        region: Region::default_region(),
        name: "f".to_owned(),
        version: "$LATEST".to_owned(),
        revision: "1".to_owned(),
        runtime: runtime.to_owned(),
        handler: "app.handler".to_owned(),
        role: Arn::parse("arn:aws:iam::000000000000:role/r").unwrap(),
        code: CodeLocation { blob: String::new(), sha256: String::new() },
        layers: Vec::new(),
        file_systems: Vec::new(),
        environment: BTreeMap::new(),
        memory_mb: 128,
        timeout: Duration::from_secs(3),
        ephemeral_mb: 512,
        logging: LogSpec {
            group: "/aws/lambda/f".to_owned(),
            json: false,
            application_level: "INFO".to_owned(),
            system_level: "INFO".to_owned(),
        },
        tracing: false,
        max_instances: None,
    }
}
