//! What parameters stand for in a request: `$request.body.a`, `${context.requestId}`.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::invoke::context::Incoming;

/// `None`: the request doesn't have what is named.
pub(crate) fn resolve(written: &str, incoming: &Incoming<'_>) -> Option<String> {
    match written.strip_prefix('$').filter(|rest| !rest.starts_with('{')) {
        Some(path) => selected(path, incoming),
        None => Some(filled(written, incoming)),
    }
}

/// With each `${…}` replaced; what isn't there becomes nothing.
fn filled(written: &str, incoming: &Incoming<'_>) -> String {
    let mut parts = written.split("${");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('}') {
            Some((path, rest)) => {
                filled.push_str(&selected(path, incoming).unwrap_or_default());
                filled.push_str(rest);
            }
            None => filled.push_str(part),
        }
    }
    filled
}

fn selected(path: &str, incoming: &Incoming<'_>) -> Option<String> {
    let (root, rest) = path.split_once('.')?;
    let (kind, name) = rest.split_once('.').unwrap_or((rest, ""));
    let request = incoming.received.request;
    match (root, kind, name) {
        ("request", "body", "") => Some(String::from_utf8_lossy(&request.body).into_owned()),
        ("request", "body", name) => within(&serde_json::from_slice(&request.body).ok()?, name),
        ("request", "header", name) => {
            let values: Vec<_> = request.headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
            (!values.is_empty()).then(|| values.join(","))
        }
        ("request", "querystring", name) => queried(&request.raw_query, name),
        ("request", "path", "") => Some(incoming.path()),
        ("request", "path", name) => incoming.variables.get(name).cloned(),
        ("stageVariables", name, "") => incoming.stage_variables.get(name).cloned(),
        ("context", name, rest) => context(name, rest, incoming),
        _ => None,
    }
}

/// A member of a JSON document. Texts are taken as they are, the rest as JSON.
fn within(document: &Value, path: &str) -> Option<String> {
    match document.pointer(&format!("/{}", path.replace('.', "/")))? {
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn queried(query: &str, name: &str) -> Option<String> {
    let decoded = |raw: &str| percent_decode_str(&raw.replace('+', " ")).decode_utf8_lossy().into_owned();
    let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let values: Vec<String> = pairs.filter(|(key, _)| decoded(key) == name).map(|(_, value)| decoded(value)).collect();
    (!values.is_empty()).then(|| values.join(","))
}

fn context(name: &str, rest: &str, incoming: &Incoming<'_>) -> Option<String> {
    let request = incoming.received.request;
    Some(match (name, rest) {
        ("accountId", "") => incoming.account.to_owned(),
        ("apiId", "") => request.id.clone(),
        ("domainName", "") => incoming.domain(),
        ("httpMethod", "") => request.method.to_string(),
        ("identity", "sourceIp") => request.source_ip.to_string(),
        ("path", "") => incoming.path(),
        ("protocol", "") => request.protocol.to_owned(),
        ("requestId", "") => incoming.request_id.to_owned(),
        ("requestTimeEpoch", "") => incoming.received.at.0.to_string(),
        ("routeKey", "") => incoming.route_key.to_owned(),
        ("stage", "") => incoming.stage.to_owned(),
        _ => return None,
    })
}
