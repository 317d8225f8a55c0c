//! The operations of Lambda that commands use.

use std::time::Duration;

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Method};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use updraft_kernel::{Clock, SystemClock};

use crate::aws::{Aws, Exchange};
use crate::client::Pieces;

/// How often to ask whether an update has ended.
const AGAIN: Duration = Duration::from_millis(50);

/// What may stand in a part of a path as it is.
const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Text as one part of a path, or as a value in a query.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, PART).to_string()
}

/// One call of a function.
#[derive(Clone, Debug, Default)]
pub(crate) struct Call<'a> {
    pub(crate) function: &'a str,
    pub(crate) qualifier: Option<&'a str>,
    pub(crate) payload: Bytes,
    pub(crate) event: bool,
    pub(crate) tail: bool,
}

/// What came of it.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) payload: Bytes,
    pub(crate) error: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) request_id: Option<String>,
    /// ARN of the execution that was started, if the function is durable.
    pub(crate) execution: Option<String>,
    /// The end of the log, where it was asked for.
    pub(crate) log: Option<String>,
}

impl Answer {
    /// What the function failed with, if it did, as a language would say it.
    pub(crate) fn failure(&self) -> Option<String> {
        let kind = self.error.as_ref()?;
        let value: Value = serde_json::from_slice(&self.payload).unwrap_or_default();
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        Some(match (text("errorType"), text("errorMessage")) {
            (Some(kind), Some(message)) => format!("{kind}: {message}"),
            (None, Some(message)) => message.to_owned(),
            _ => kind.clone(),
        })
    }
}

impl Call<'_> {
    fn path(&self, date: &str, last: &str) -> String {
        let function = encoded(self.function);
        let query = self.qualifier.map(|qualifier| format!("?Qualifier={}", encoded(qualifier)));
        format!("/{date}/functions/{function}/{last}{}", query.unwrap_or_default())
    }

    fn headers(&self) -> HeaderMap {
        let kind = if self.event { "Event" } else { "RequestResponse" };
        let headers = [
            (CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (HeaderName::from_static("x-amz-invocation-type"), HeaderValue::from_static(kind)),
        ];
        let tail = (HeaderName::from_static("x-amz-log-type"), HeaderValue::from_static("Tail"));
        headers.into_iter().chain(self.tail.then_some(tail)).collect()
    }

    fn exchange<'a>(&self, path: &'a str) -> Exchange<'a> {
        let (service, method) = ("lambda", Method::POST);
        Exchange { service, method, path, headers: self.headers(), body: self.payload.clone() }
    }
}

/// `Invoke`.
pub(crate) async fn invoke(aws: &Aws, call: &Call<'_>) -> Result<Answer> {
    let path = call.path("2015-03-31", "invocations");
    let (head, payload) = aws.whole(call.exchange(&path)).await?;
    let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    Ok(Answer {
        status: head.status.as_u16(),
        payload,
        error: header("x-amz-function-error"),
        version: header("x-amz-executed-version"),
        request_id: header("x-amzn-requestid"),
        execution: header("x-amz-durable-execution-arn"),
        log: header("x-amz-log-result").map(|tail| decoded(&tail)).transpose()?,
    })
}

/// `InvokeWithResponseStream`.
pub(crate) async fn invoke_streaming(aws: &Aws, call: &Call<'_>) -> Result<Pieces> {
    let path = call.path("2021-11-15", "response-streaming-invocations");
    let (_, pieces) = aws.pieces(call.exchange(&path)).await?;
    Ok(pieces)
}

/// The tail of a log, as answers carry it.
pub(crate) fn decoded(tail: &str) -> Result<String> {
    let bytes = STANDARD.decode(tail).context("the log's tail is not base64")?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The names of the functions there are; of many, the first.
pub(crate) async fn names(aws: &Aws) -> Result<Vec<String>> {
    let page = aws.rest("lambda", Method::GET, "/2015-03-31/functions/", None).await?;
    let functions = page.get("Functions").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let name = |function: &Value| function.get("FunctionName")?.as_str().map(str::to_owned);
    Ok(functions.iter().filter_map(name).collect())
}

/// What is below a function's own path, such as `configuration`.
fn below(function: &str, rest: &str) -> String {
    format!("/2015-03-31/functions/{}{rest}", encoded(function))
}

/// `GetFunctionConfiguration`.
pub(crate) async fn configuration(aws: &Aws, function: &str) -> Result<Value> {
    aws.rest("lambda", Method::GET, &below(function, "/configuration"), None).await
}

/// `CreateFunction`, to its end; its configuration.
pub(crate) async fn create(aws: &Aws, input: &Value) -> Result<Value> {
    let said = aws.rest("lambda", Method::POST, "/2015-03-31/functions", Some(input)).await?;
    if let Some(name) = said.get("FunctionName").and_then(Value::as_str) {
        settled(aws, name).await?;
    }
    Ok(said)
}

/// `UpdateFunctionCode`; its configuration.
pub(crate) async fn update_code(aws: &Aws, function: &str, package: &Bytes) -> Result<Value> {
    let input = json!({ "ZipFile": STANDARD.encode(package) });
    aws.rest("lambda", Method::PUT, &below(function, "/code"), Some(&input)).await
}

/// `UpdateFunctionConfiguration`, to its end: until what was asked for is in force.
pub(crate) async fn configure(aws: &Aws, function: &str, changes: &Value) -> Result<()> {
    aws.rest("lambda", Method::PUT, &below(function, "/configuration"), Some(changes)).await?;
    settled(aws, function).await
}

/// Waits for the end of an update.
pub(crate) async fn settled(aws: &Aws, function: &str) -> Result<()> {
    let clock = SystemClock::new();
    loop {
        let configuration = configuration(aws, function).await?;
        let text = |name: &str| configuration.get(name).and_then(Value::as_str).unwrap_or_default();
        if text("State") != "Pending" && text("LastUpdateStatus") != "InProgress" {
            return Ok(());
        }
        clock.pause(AGAIN).await;
    }
}

/// `PublishVersion`; its number.
pub(crate) async fn publish(aws: &Aws, function: &str, description: &str) -> Result<String> {
    let input = json!({ "Description": description });
    let said = aws.rest("lambda", Method::POST, &below(function, "/versions"), Some(&input)).await?;
    let version =
        said.get("Version").and_then(Value::as_str).context("the platform doesn't say which version it is")?;
    Ok(version.to_owned())
}

/// `ListVersionsByFunction`, all of them: number and description.
pub(crate) async fn versions(aws: &Aws, function: &str) -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    let mut query = String::new();
    loop {
        let page = aws.rest("lambda", Method::GET, &below(function, &format!("/versions{query}")), None).await?;
        let text =
            |version: &Value, name: &str| version.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let versions = page.get("Versions").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        found.extend(versions.iter().map(|version| (text(version, "Version"), text(version, "Description"))));
        match page.get("NextMarker").and_then(Value::as_str).filter(|marker| !marker.is_empty()) {
            Some(marker) => query = format!("?Marker={}", encoded(marker)),
            None => return Ok(found),
        }
    }
}

/// `DeleteFunction` of one version.
pub(crate) async fn delete_version(aws: &Aws, function: &str, version: &str) -> Result<()> {
    let path = below(function, &format!("?Qualifier={}", encoded(version)));
    aws.rest("lambda", Method::DELETE, &path, None).await.map(drop)
}
