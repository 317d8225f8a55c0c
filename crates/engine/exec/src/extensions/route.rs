//! The Extensions API: `POST register`, `GET event/next`, `POST init/error` and `POST exit/error`.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use serde::Deserialize;
use serde_json::json;
use updraft_kernel::RngExt;

use super::registry::{Refused, refused};
use crate::api::answer::{self, Answer};
use crate::instance::Instance;

const NAME: &str = "lambda-extension-name";
pub(crate) const IDENTIFIER: &str = "lambda-extension-identifier";
const ERROR_TYPE: &str = "lambda-extension-function-error-type";
const FEATURES: &str = "lambda-extension-accept-feature";

/// A request to one of these APIs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Register,
    Next,
    InitError,
    ExitError,
    /// `logs`: by the older API.
    Subscribe {
        logs: bool,
    },
}

pub(crate) fn parse(method: &Method, path: &str) -> Option<Op> {
    let (get, post, put) = (*method == Method::GET, *method == Method::POST, *method == Method::PUT);
    match path.strip_prefix("/2020-01-01/extension/") {
        Some("register") if post => Some(Op::Register),
        Some("event/next") if get => Some(Op::Next),
        Some("init/error") if post => Some(Op::InitError),
        Some("exit/error") if post => Some(Op::ExitError),
        Some(_) => None,
        None if put => match path.trim_end_matches('/') {
            "/2022-07-01/telemetry" => Some(Op::Subscribe { logs: false }),
            "/2020-08-15/logs" => Some(Op::Subscribe { logs: true }),
            _ => None,
        },
        None => None,
    }
}

/// Never fails: what is wrong with a request is said in the answer.
pub(crate) async fn handle(instance: &Arc<Instance>, op: Op, headers: &HeaderMap, body: Bytes) -> Answer {
    if op == Op::Register {
        return register(instance, headers, &body).unwrap_or_else(Answer::from);
    }
    let id = match identifier(headers) {
        Ok(id) => id,
        Err(refused) => return refused.into(),
    };
    match op {
        Op::Next => next(instance, id).await,
        Op::Subscribe { logs } => crate::telemetry::route::subscribe(instance, id, logs, &body),
        Op::InitError => failed(instance, id, "InitError", headers),
        _ => failed(instance, id, "ExitError", headers),
    }
}

#[derive(Debug, Default, Deserialize)]
struct Registration {
    #[serde(default)]
    events: Vec<String>,
}

fn register(instance: &Arc<Instance>, headers: &HeaderMap, body: &Bytes) -> Result<Answer, Refused> {
    let name = text(headers, NAME).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| refused("Extension.InvalidExtensionName", "Empty extension name"))?;
    let registration = if body.is_empty() { Ok(Registration::default()) } else { serde_json::from_slice(body) };
    let Ok(Registration { events }) = registration else {
        return Ok(answer::invalid("InvalidRequestFormat", "The request is not valid JSON"));
    };
    let id = instance.host.rng.uuid();
    instance.extensions.register(id.clone(), name, &events)?;
    let spec = &instance.spec;
    let (name, version, handler) = (&spec.name, &spec.version, &spec.handler);
    let features = text(headers, FEATURES).unwrap_or_default();
    let told = if features.split(',').any(|feature| feature.trim() == "accountId") {
        let account = spec.account.as_str();
        json!({ "functionName": name, "functionVersion": version, "handler": handler, "accountId": account })
    } else {
        json!({ "functionName": name, "functionVersion": version, "handler": handler })
    };
    Ok(identified(answer::ok(Bytes::from(told.to_string())), &id))
}

async fn next(instance: &Instance, id: &str) -> Answer {
    let waiting = match instance.extensions.next(id) {
        Ok(waiting) => waiting,
        Err(refused) => return refused.into(),
    };
    match waiting.await {
        Ok(event) => identified(answer::ok(event), id),
        Err(_) => refused("Extension.InvalidExtensionState", "Another request waits for the next event").into(),
    }
}

fn failed(instance: &Instance, id: &str, phase: &str, headers: &HeaderMap) -> Answer {
    let Some(kind) = text(headers, ERROR_TYPE) else {
        return refused("Extension.MissingHeader", "Lambda-Extension-Function-Error-Type not found").into();
    };
    match instance.extensions.failed(id, phase, kind) {
        Ok(()) => identified(answer::accepted(), id),
        Err(refused) => refused.into(),
    }
}

fn identifier(headers: &HeaderMap) -> Result<&str, Refused> {
    let id = text(headers, IDENTIFIER)
        .ok_or_else(|| refused("Extension.MissingExtensionIdentifier", "Missing Lambda-Extension-Identifier header"))?;
    let digits = id.bytes().filter(u8::is_ascii_hexdigit).count();
    if id.len() == 36 && digits == 32 {
        return Ok(id);
    }
    Err(refused("Extension.InvalidExtensionIdentifier", "Invalid Lambda-Extension-Identifier"))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn identified(mut answer: Answer, id: &str) -> Answer {
    if let Ok(id) = HeaderValue::from_str(id) {
        answer.headers_mut().insert(IDENTIFIER, id);
    }
    answer
}

impl From<Refused> for Answer {
    fn from(Refused { kind, message }: Refused) -> Self {
        answer::forbidden(kind, &message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_told_by_method_and_path() {
        for (method, path, op) in [
            (Method::POST, "/2020-01-01/extension/register", Some(Op::Register)),
            (Method::GET, "/2020-01-01/extension/event/next", Some(Op::Next)),
            (Method::POST, "/2020-01-01/extension/init/error", Some(Op::InitError)),
            (Method::POST, "/2020-01-01/extension/exit/error", Some(Op::ExitError)),
            (Method::PUT, "/2022-07-01/telemetry", Some(Op::Subscribe { logs: false })),
            (Method::PUT, "/2022-07-01/telemetry/", Some(Op::Subscribe { logs: false })),
            (Method::PUT, "/2020-08-15/logs", Some(Op::Subscribe { logs: true })),
            (Method::POST, "/2022-07-01/telemetry", None),
            (Method::GET, "/2020-01-01/extension/register", None),
        ] {
            assert_eq!(parse(&method, path), op, "{method} {path}");
        }
    }
}
