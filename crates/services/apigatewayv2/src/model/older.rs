//! Rows as older versions wrote them.

use serde::Deserialize;

use super::{IntegrationRow, RouteRow, Snapshot};

#[derive(Deserialize)]
struct Integration {
    integration_id: String,
    integration_type: String,
    integration_method: Option<String>,
    integration_uri: String,
    connection_type: String,
    credentials_arn: Option<String>,
    description: Option<String>,
    payload_format_version: String,
    timeout_in_millis: u32,
    managed: bool,
}

#[derive(Deserialize)]
struct First {
    deployment_id: String,
    routes: Vec<RouteRow>,
    integrations: Vec<Integration>,
}

/// A snapshot of version 1: its integrations called functions only.
pub(super) fn snapshot(body: &[u8]) -> Option<Snapshot> {
    let First { deployment_id, routes, integrations } = postcard::from_bytes(body).ok()?;
    Some(Snapshot { deployment_id, routes, integrations: integrations.into_iter().map(IntegrationRow::from).collect() })
}

impl From<Integration> for IntegrationRow {
    fn from(old: Integration) -> Self {
        Self {
            integration_id: old.integration_id,
            integration_type: old.integration_type,
            integration_method: old.integration_method,
            integration_uri: old.integration_uri,
            connection_type: old.connection_type,
            credentials_arn: old.credentials_arn,
            description: old.description,
            payload_format_version: old.payload_format_version,
            timeout_in_millis: old.timeout_in_millis,
            managed: old.managed,
            service: None,
        }
    }
}
