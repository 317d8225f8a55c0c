//! What is stored. Names and meanings are AWS's.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::Row;

use super::older;
use crate::errors::not_found;
use crate::keys::Child;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ApiRow {
    pub(crate) api_id: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) cors: Option<CorsRow>,
    pub(crate) created: UnixMillis,
    pub(crate) disable_execute_api_endpoint: bool,
    pub(crate) route_selection_expression: String,
    pub(crate) api_key_selection_expression: String,
    pub(crate) ip_address_type: String,
    pub(crate) tags: BTreeMap<String, String>,
}

impl Row for ApiRow {
    const VERSION: u8 = 1;
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CorsRow {
    pub(crate) allow_credentials: Option<bool>,
    pub(crate) allow_headers: Option<Vec<String>>,
    pub(crate) allow_methods: Option<Vec<String>>,
    pub(crate) allow_origins: Option<Vec<String>>,
    pub(crate) expose_headers: Option<Vec<String>>,
    /// Seconds.
    pub(crate) max_age: Option<i32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RouteRow {
    pub(crate) route_id: String,
    pub(crate) route_key: String,
    /// `integrations/{id}`.
    pub(crate) target: Option<String>,
    pub(crate) operation_name: Option<String>,
    /// Made by quick create.
    pub(crate) managed: bool,
}

impl RouteRow {
    pub(crate) fn integration_id(&self) -> Option<&str> {
        self.target.as_deref()?.strip_prefix("integrations/")
    }
}

impl Row for RouteRow {
    const VERSION: u8 = 1;
}

impl Child for RouteRow {
    const KIND: u8 = 1;
    fn id(&self) -> &str {
        &self.route_id
    }
    fn not_found(id: &str) -> AwsError {
        not_found(format!("Invalid Route identifier specified {id}"))
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct IntegrationRow {
    pub(crate) integration_id: String,
    pub(crate) integration_type: String,
    pub(crate) integration_method: Option<String>,
    /// With stage variables not yet filled in.
    pub(crate) integration_uri: String,
    pub(crate) connection_type: String,
    pub(crate) credentials_arn: Option<String>,
    pub(crate) description: Option<String>,
    /// `1.0` or `2.0`.
    pub(crate) payload_format_version: String,
    pub(crate) timeout_in_millis: u32,
    /// Made by quick create.
    pub(crate) managed: bool,
    /// Where it calls a service instead of a function.
    pub(crate) service: Option<ServiceRow>,
}

/// An operation of a service, and its parameters: what they are for a request is said in the way of mappings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ServiceRow {
    /// `StepFunctions-StartExecution`.
    pub(crate) subtype: String,
    pub(crate) parameters: BTreeMap<String, String>,
}

impl Row for IntegrationRow {
    const VERSION: u8 = 2;

    /// The first version called functions only.
    fn upgrade(version: u8, body: &[u8]) -> Option<Self> {
        const NONE: &[u8] = &[0];
        (version == 1).then(|| postcard::from_bytes(&[body, NONE].concat()).ok()).flatten()
    }
}

impl Child for IntegrationRow {
    const KIND: u8 = 2;
    fn id(&self) -> &str {
        &self.integration_id
    }
    fn not_found(id: &str) -> AwsError {
        not_found(format!("Invalid Integration identifier specified {id}"))
    }
}

/// What of a `RouteSettings` matters to requests, and what is only told back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Limits {
    pub(crate) burst: Option<i32>,
    /// Requests per second.
    pub(crate) rate: Option<f64>,
    pub(crate) detailed_metrics: Option<bool>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Logs {
    pub(crate) destination_arn: Option<String>,
    pub(crate) format: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct StageRow {
    pub(crate) stage_name: String,
    pub(crate) auto_deploy: bool,
    pub(crate) deployment_id: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) stage_variables: BTreeMap<String, String>,
    pub(crate) default_limits: Limits,
    /// By route key.
    pub(crate) limits: BTreeMap<String, Limits>,
    pub(crate) logs: Option<Logs>,
    pub(crate) created: UnixMillis,
    pub(crate) updated: UnixMillis,
    pub(crate) last_deployment_status_message: Option<String>,
    pub(crate) tags: BTreeMap<String, String>,
    /// Made by quick create.
    pub(crate) managed: bool,
}

impl Row for StageRow {
    const VERSION: u8 = 1;
}

impl Child for StageRow {
    const KIND: u8 = 3;
    fn id(&self) -> &str {
        &self.stage_name
    }
    fn not_found(_: &str) -> AwsError {
        not_found("Invalid stage identifier specified")
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DeploymentRow {
    pub(crate) deployment_id: String,
    pub(crate) description: Option<String>,
    pub(crate) created: UnixMillis,
    /// By a stage with automatic deployments: it has no snapshot, and goes with the next change.
    pub(crate) auto_deployed: bool,
}

impl Row for DeploymentRow {
    const VERSION: u8 = 1;
}

impl Child for DeploymentRow {
    const KIND: u8 = 4;
    fn id(&self) -> &str {
        &self.deployment_id
    }
    fn not_found(_: &str) -> AwsError {
        not_found("Invalid deployment identifier specified")
    }
}

/// What a deployment serves: the routes as they were.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Snapshot {
    pub(crate) deployment_id: String,
    pub(crate) routes: Vec<RouteRow>,
    pub(crate) integrations: Vec<IntegrationRow>,
}

impl Row for Snapshot {
    const VERSION: u8 = 2;

    fn upgrade(version: u8, body: &[u8]) -> Option<Self> {
        (version == 1).then(|| older::snapshot(body)).flatten()
    }
}

impl Child for Snapshot {
    const KIND: u8 = 5;
    fn id(&self) -> &str {
        &self.deployment_id
    }
    fn not_found(id: &str) -> AwsError {
        DeploymentRow::not_found(id)
    }
}

#[cfg(test)]
mod tests {
    use updraft_store::{decode_row, encode_row};

    use super::*;

    fn golden<R: Row + PartialEq + std::fmt::Debug>(row: R, bytes: &[u8]) {
        assert_eq!(encode_row(&row).unwrap()[..], *bytes, "{row:?}");
        assert_eq!(decode_row::<R>(b"", bytes).unwrap(), row);
    }

    fn route() -> RouteRow {
        let target = Some("integrations/i".to_owned());
        RouteRow { route_id: "r".into(), route_key: "GET /".into(), target, operation_name: None, managed: true }
    }

    fn integration() -> IntegrationRow {
        IntegrationRow {
            integration_id: "i".into(),
            integration_type: "AWS_PROXY".into(),
            integration_method: Some("POST".into()),
            integration_uri: "u".into(),
            connection_type: "INTERNET".into(),
            credentials_arn: None,
            description: None,
            payload_format_version: "2.0".into(),
            timeout_in_millis: 30_000,
            managed: false,
            service: None,
        }
    }

    fn stage() -> StageRow {
        let limits = Limits { burst: Some(1), rate: Some(0.5), detailed_metrics: Some(true) };
        StageRow {
            stage_name: "dev".into(),
            auto_deploy: true,
            deployment_id: Some("d".into()),
            description: None,
            stage_variables: [("k".to_owned(), "v".to_owned())].into(),
            default_limits: limits.clone(),
            limits: [("GET /".to_owned(), limits)].into(),
            logs: Some(Logs { destination_arn: Some("a".into()), format: None }),
            created: UnixMillis(1),
            updated: UnixMillis(2),
            last_deployment_status_message: None,
            tags: BTreeMap::new(),
            managed: false,
        }
    }

    fn api() -> ApiRow {
        ApiRow {
            api_id: "a".into(),
            name: "n".into(),
            description: None,
            version: None,
            cors: Some(CorsRow { max_age: Some(60), ..CorsRow::default() }),
            created: UnixMillis(1),
            disable_execute_api_endpoint: false,
            route_selection_expression: "s".into(),
            api_key_selection_expression: "k".into(),
            ip_address_type: "ipv4".into(),
            tags: BTreeMap::new(),
        }
    }

    /// These bytes are on disks: they may never change. A changed row is a new version that still reads them.
    #[test]
    fn golden_rows() {
        let deployment =
            DeploymentRow { deployment_id: "d".into(), description: None, created: UnixMillis(1), auto_deployed: true };
        golden(deployment, b"\x01\x01d\0\x02\x01");
        golden(route(), b"\x01\x01r\x05GET /\x01\x0eintegrations/i\0\x01");
        golden(integration(), b"\x02\x01i\x09AWS_PROXY\x01\x04POST\x01u\x08INTERNET\0\0\x032.0\xb0\xea\x01\0\0");
        let parameters = [("Input".to_owned(), "$request.body".to_owned())].into();
        let service = Some(ServiceRow { subtype: "s".into(), parameters });
        golden(
            IntegrationRow { service, ..integration() },
            b"\x02\x01i\x09AWS_PROXY\x01\x04POST\x01u\x08INTERNET\0\0\x032.0\xb0\xea\x01\0\x01\x01s\x01\x05Input\x0d$request.body",
        );
        golden(stage(), b"\x01\x03dev\x01\x01\x01d\0\x01\x01k\x01v\x01\x02\x01\0\0\0\0\0\0\xe0?\x01\x01\x01\x05GET /\x01\x02\x01\0\0\0\0\0\0\xe0?\x01\x01\x01\x01\x01a\0\x02\x04\0\0\0");
        golden(api(), b"\x01\x01a\x01n\0\0\x01\0\0\0\0\0\x01x\x02\0\x01s\x01k\x04ipv4\0");
        let (routes, integrations) = (vec![route()], vec![]);
        golden(
            Snapshot { deployment_id: "d".into(), routes, integrations },
            b"\x02\x01d\x01\x01r\x05GET /\x01\x0eintegrations/i\0\x01\0",
        );
    }

    #[test]
    fn rows_of_the_first_version_are_read() {
        let old = b"\x01\x01i\x09AWS_PROXY\x01\x04POST\x01u\x08INTERNET\0\0\x032.0\xb0\xea\x01\0";
        assert_eq!(decode_row::<IntegrationRow>(b"", old).unwrap(), integration());
        let old = b"\x01\x01d\x01\x01r\x05GET /\x01\x0eintegrations/i\0\x01\0";
        let (routes, integrations) = (vec![route()], vec![]);
        let snapshot = Snapshot { deployment_id: "d".into(), routes, integrations };
        assert_eq!(decode_row::<Snapshot>(b"", old).unwrap(), snapshot);
        let both = [&old[..old.len() - 1], b"\x02", FIRST, FIRST].concat();
        let read = decode_row::<Snapshot>(b"", &both).unwrap();
        assert_eq!(read.integrations, [integration(), integration()]);
    }

    /// An integration of the first version, within another row.
    const FIRST: &[u8] = b"\x01i\x09AWS_PROXY\x01\x04POST\x01u\x08INTERNET\0\0\x032.0\xb0\xea\x01\0";
}
