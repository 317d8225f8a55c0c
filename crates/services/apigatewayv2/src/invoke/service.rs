//! Calling the service of an integration.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, header};
use serde_json::{Map, Value, json};
use updraft_kernel::ports::{ApiCall, DispatchPort, HttpResponse};
use updraft_kernel::{AwsError, Ctx, Region};

use crate::invoke::answer::Refusal;
use crate::invoke::context::Incoming;
use crate::invoke::function::as_service;
use crate::invoke::live::Live;
use crate::invoke::mapping::resolve;
use crate::model::{IntegrationRow, ServiceRow};

/// Moments, which the services' own JSON has in seconds.
const MOMENTS: [&str; 2] = ["startDate", "stopDate"];

/// Calls it with the parameters that the request gives, and answers what it answers.
pub(crate) async fn call(
    dispatch: &dyn DispatchPort,
    cx: &Ctx,
    live: &Live,
    (integration, service): (&IntegrationRow, &ServiceRow),
    incoming: &Incoming<'_>,
) -> Result<HttpResponse, Refusal> {
    let mut input = Map::new();
    for (name, written) in &service.parameters {
        input.extend(resolve(written, incoming).map(|value| (name.clone(), json!(value))));
    }
    let mut cx = as_service(cx, live);
    if let Some(region) = input.remove("Region").and_then(|region| Region::parse(region.as_str()?).ok()) {
        cx.region = region;
    }
    let operation = service.subtype.rsplit('-').next().unwrap_or_default().to_owned();
    let call = ApiCall { service: "sfn".to_owned(), operation, input: Value::Object(input) };
    let patience = Duration::from_millis(integration.timeout_in_millis.into());
    let answer = tokio::select! {
        biased;
        answer = dispatch.call(&cx, call) => answer,
        () = cx.clock.pause(patience) => return Err(Refusal::ServiceUnavailable),
    };
    Ok(match answer {
        Ok(answer) => response(200, &as_written(answer)),
        Err(error) => response(error.code().status, &told(&error)),
    })
}

fn told(error: &AwsError) -> Value {
    json!({ "__type": error.code().name, "message": error.message() })
}

fn response(status: u16, body: &Value) -> HttpResponse {
    let json = HeaderValue::from_static("application/json");
    let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, json)]);
    HttpResponse { status, headers, body: bytes::Bytes::from(body.to_string()).into() }
}

/// As the service itself writes it: names begin with a small letter, moments are seconds.
fn as_written(value: Value) -> Value {
    let Value::Object(members) = value else { return value };
    let written = members.into_iter().map(|(name, value)| {
        let mut letters = name.chars();
        let first = letters.next().map(|first| first.to_ascii_lowercase());
        let name: String = first.into_iter().chain(letters).collect();
        let moment = value.as_str().filter(|_| MOMENTS.contains(&&*name)).and_then(seconds);
        let value = moment.unwrap_or_else(|| as_written(value));
        (name, value)
    });
    Value::Object(written.collect())
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of this age are exact")]
fn seconds(text: &str) -> Option<Value> {
    let at: jiff::Timestamp = text.parse().ok()?;
    Some(json!(at.as_millisecond() as f64 / 1_000.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_as_the_service_writes_them() {
        let answer =
            json!({"ExecutionArn": "A", "StartDate": "2030-03-01T12:00:00.5Z", "InputDetails": {"Included": true}});
        let expected = json!({"executionArn": "A", "startDate": 1_898_596_800.5, "inputDetails": {"included": true}});
        assert_eq!(as_written(answer), expected);
    }
}
