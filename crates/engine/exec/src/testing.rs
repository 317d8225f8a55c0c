//! Samples for unit tests.

use std::collections::BTreeMap;
use std::time::Duration;

use updraft_kernel::ports::{CodeLocation, FunctionSpec};
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
        environment: BTreeMap::new(),
        memory_mb: 128,
        timeout: Duration::from_secs(3),
        ephemeral_mb: 512,
        log_group: "/aws/lambda/f".to_owned(),
        max_instances: None,
    }
}
