//! One span per operation and one place that fills it. A 4xx is never an error of ours.

use std::sync::Arc;

use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value as Json, json};
use tracing::{Span, field};
use updraft_kernel::{AwsError, RequestId};
use updraft_wire::{Operation, ServiceModel};

use crate::response::{self, Response};
use crate::services::Services;

pub(crate) fn span(model: &ServiceModel, id: &RequestId) -> Span {
    tracing::info_span!("aws.op", service = model.name, op = field::Empty, request_id = %id, error.code = field::Empty)
}

pub(crate) fn named(span: &Span, op: Option<&Operation>) {
    if let Some(op) = op {
        span.record("op", op.name);
    }
}

pub(crate) fn failed(span: &Span, err: &AwsError) {
    span.record("error.code", err.code().name);
    // What nobody has built yet is a 501 of ours, and nothing an operator must look at.
    if err.code().status >= 500 && err.code().status != 501 {
        span.in_scope(|| tracing::error!(error = ?err, "operation failed"));
    }
}

/// What tools of another emulator probe for: that the services they use are there.
pub(crate) fn localstack_health(services: &Services) -> Response {
    let state = |model: &ServiceModel| {
        let built = model.operations.iter().any(|op| op.implemented);
        if built { "running" } else { "disabled" }
    };
    let names: Map<String, Json> =
        services.all().map(|s| (s.model().endpoint_prefix.to_owned(), json!(state(s.model())))).collect();
    let body = json!({ "services": names, "edition": "updraft", "version": env!("CARGO_PKG_VERSION") });
    response::json(StatusCode::OK, &body)
}

/// The trace that a request came with, see [`Ctx::trace`](updraft_kernel::Ctx::trace).
pub(crate) fn trace(headers: &HeaderMap) -> Option<Arc<str>> {
    headers.get("x-amzn-trace-id").and_then(|value| value.to_str().ok()).map(Arc::from)
}
