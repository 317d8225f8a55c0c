//! Servers, as enrichments and as targets: called with one event at a time.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::Value;
use updraft_api_pipes::errors::THROTTLING_EXCEPTION;
use updraft_api_pipes::types::{PipeEnrichmentHttpParameters, PipeTargetHttpParameters};
use updraft_kernel::ports::{Again, CallFailure, ServerCall};
use updraft_kernel::{Arn, AwsError};

use super::hand::said;
use super::{SERVICE, Work};
use crate::errors::invalid;

/// What a pipe says of a call, which may be paths in the event.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    path: Vec<String>,
    headers: BTreeMap<String, String>,
    query: BTreeMap<String, String>,
}

impl From<PipeTargetHttpParameters> for Said {
    fn from(given: PipeTargetHttpParameters) -> Self {
        Self {
            path: given.path_parameter_values.unwrap_or_default(),
            headers: given.header_parameters.unwrap_or_default(),
            query: given.query_string_parameters.unwrap_or_default(),
        }
    }
}

impl From<PipeEnrichmentHttpParameters> for Said {
    fn from(given: PipeEnrichmentHttpParameters) -> Self {
        Self {
            path: given.path_parameter_values.unwrap_or_default(),
            headers: given.header_parameters.unwrap_or_default(),
            query: given.query_string_parameters.unwrap_or_default(),
        }
    }
}

impl Work<'_> {
    /// What the server answers to an event, of which it gets `input`.
    pub(super) async fn ask(
        &self,
        server: &Arn,
        asked: Said,
        (event, input): (&Value, &Value),
    ) -> Result<Bytes, AwsError> {
        let nobody = || invalid(format!("updraft does not run pipes to {server} yet"));
        let port = self.svc.parts.targets.of(server).ok_or_else(nobody)?;
        let text = |text: String| said(Some(&text), event).unwrap_or_default();
        let pairs =
            |given: BTreeMap<String, String>| given.into_iter().map(|(name, value)| (name, text(value))).collect();
        let call = ServerCall {
            target: server.clone(),
            source: (SERVICE, self.arn.clone()),
            path: asked.path.into_iter().map(text).collect(),
            headers: pairs(asked.headers),
            query: pairs(asked.query),
            body: input.to_string().into(),
        };
        port.call(call).await.map_err(error)
    }
}

/// Whether it may pass is said by its status.
fn error(failure: CallFailure) -> AwsError {
    let message = format!("{}: {}", failure.code, failure.message);
    match failure.again {
        Again::Never => invalid(message),
        Again::Later(_) | Again::Early(_) => AwsError::new(&THROTTLING_EXCEPTION, message),
    }
}
