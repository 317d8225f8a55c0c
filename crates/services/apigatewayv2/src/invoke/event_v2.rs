//! Events of payload format 2.0. Members without a value are left out.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::invoke::context::Incoming;

pub(crate) fn event(incoming: &Incoming<'_>) -> Value {
    let mut headers = incoming.headers();
    // AWS: cookies are members of their own, and aren't among the headers.
    let cookies: Vec<_> = headers.remove("cookie").unwrap_or_default().iter().flat_map(|line| split(line)).collect();
    let mut event = Map::new();
    let mut put = |name: &str, value: Value| event.insert(name.to_owned(), value);
    put("version", json!("2.0"));
    put("routeKey", json!(incoming.route_key));
    put("rawPath", json!(incoming.path()));
    put("rawQueryString", json!(incoming.request.raw_query));
    if !cookies.is_empty() {
        put("cookies", json!(cookies));
    }
    put("headers", joined(headers));
    let query = incoming.query();
    if !query.is_empty() {
        put("queryStringParameters", joined(query));
    }
    put("requestContext", context(incoming));
    if !incoming.variables.is_empty() {
        put("pathParameters", json!(incoming.variables));
    }
    if !incoming.stage_variables.is_empty() {
        put("stageVariables", json!(incoming.stage_variables));
    }
    let body = incoming.body();
    let is_base64 = body.as_ref().is_some_and(|(_, is_base64)| *is_base64);
    if let Some((body, _)) = body {
        put("body", json!(body));
    }
    put("isBase64Encoded", json!(is_base64));
    Value::Object(event)
}

fn context(incoming: &Incoming<'_>) -> Value {
    json!({
        "accountId": incoming.account,
        "apiId": incoming.request.id,
        "domainName": incoming.domain(),
        "domainPrefix": incoming.domain_prefix(),
        "http": {
            "method": incoming.request.method.as_str(),
            "path": incoming.path(),
            "protocol": incoming.request.protocol,
            "sourceIp": incoming.request.source_ip.to_string(),
            "userAgent": incoming.user_agent(),
        },
        "requestId": incoming.request_id,
        "routeKey": incoming.route_key,
        "stage": incoming.stage,
        "time": incoming.time(),
        "timeEpoch": incoming.at.0,
    })
}

fn joined(all: BTreeMap<String, Vec<String>>) -> Value {
    all.into_iter().map(|(name, values)| (name, Value::from(values.join(",")))).collect::<Map<_, _>>().into()
}

fn split(line: &str) -> Vec<String> {
    line.split(';').map(|cookie| cookie.trim().to_owned()).filter(|cookie| !cookie.is_empty()).collect()
}
