//! Calling the function of an integration.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use updraft_kernel::ports::{FunctionPort, HttpResponse, InvocationType, InvokeRequest};
use updraft_kernel::{Arn, AwsError, Ctx, Identity};
use updraft_proxy::answer::{Answer, Format, response};

use crate::invoke::answer::Refusal;
use crate::invoke::context::Incoming;
use crate::invoke::live::Live;
use crate::invoke::router::LiveRoute;
use crate::invoke::{event_v1, event_v2};
use crate::model::{IntegrationRow, IntegrationUri, substitute};

/// As whom API Gateway calls functions.
const SERVICE: &str = "apigateway.amazonaws.com";
// AWS: HTTP APIs say this where the function says nothing.
const CONTENT_TYPE: &str = "text/plain;charset=UTF-8";

/// Hands the request to the route's function and reads its answer.
pub(crate) async fn invoke(
    functions: &dyn FunctionPort,
    cx: &Ctx,
    live: &Live,
    route: &LiveRoute,
    incoming: &Incoming<'_>,
) -> Result<HttpResponse, Refusal> {
    let integration = route.integration.as_ref().ok_or(Refusal::NotFound)?;
    let uri = substitute(&integration.integration_uri, incoming.stage_variables);
    let IntegrationUri(function) = IntegrationUri::parse(&uri).ok_or_else(|| failed("its function is none", &uri))?;
    let request = InvokeRequest {
        function,
        kind: InvocationType::RequestResponse,
        payload: event(integration, incoming)?,
        client_context: None,
        tail: false,
        source: Some((SERVICE, source(live, route, incoming))),
    };
    let cx = as_service(cx, live);
    let patience = Duration::from_millis(integration.timeout_in_millis.into());
    let outcome = tokio::select! {
        // An answer that is there is taken, also where time is up as well.
        biased;
        outcome = functions.invoke(&cx, request) => outcome.map_err(|err| refused(&err))?,
        () = cx.clock.pause(patience) => return Err(Refusal::ServiceUnavailable),
    };
    if let Some(error) = outcome.function_error {
        return Err(failed("the function failed", error));
    }
    let format = if integration.payload_format_version == "1.0" { Format::One } else { Format::Two };
    let Answer { status, headers, body } = response(format, &outcome.payload, CONTENT_TYPE).map_err(|why| {
        tracing::debug!(why = why.0, "the answer of an API's function is no response");
        Refusal::BadGateway
    })?;
    Ok(HttpResponse { status, headers, body: body.into() })
}

fn event(integration: &IntegrationRow, incoming: &Incoming<'_>) -> Result<Bytes, Refusal> {
    let event = match integration.payload_format_version.as_str() {
        "1.0" => event_v1::event(incoming),
        _ => event_v2::event(incoming),
    };
    serde_json::to_vec(&event).map(Bytes::from).map_err(|err| failed("its event can't be written", &err.to_string()))
}

/// What the function's policy is checked against: `execute-api:…:{api}/{stage}/{method}/{path}`, of the route's key.
fn source(live: &Live, route: &LiveRoute, incoming: &Incoming<'_>) -> Arn {
    let (api_id, stage) = (&live.api.api_id, incoming.stage);
    let resource = match route.method_and_path() {
        Some((method, path)) => format!("{api_id}/{stage}/{method}{path}"),
        None => format!("{api_id}/{stage}/$default"),
    };
    Arn::new("execute-api", &live.region, &live.account, resource)
}

/// The caller is the service, in the account and region of the API.
pub(crate) fn as_service(cx: &Ctx, live: &Live) -> Ctx {
    let identity = Arc::new(Identity::service(live.account.clone(), SERVICE));
    // AWS: a chain of calls ends at an API; loops through it aren't looked for.
    Ctx { identity, account: live.account.clone(), region: live.region.clone(), trace: None, ..cx.clone() }
}

fn failed(what: &'static str, why: &str) -> Refusal {
    tracing::debug!(why, what, "a request to an API failed");
    Refusal::InternalServerError
}

/// A throttled function is unavailable, as is one on a platform that stops or has lost its store; anything else is a
/// failure.
fn refused(err: &AwsError) -> Refusal {
    tracing::debug!(source = ?err, "the function of an API could not be called");
    if matches!(err.code().status, 429 | 503) { Refusal::ServiceUnavailable } else { Refusal::InternalServerError }
}
