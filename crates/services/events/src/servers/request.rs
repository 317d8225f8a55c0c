//! The request that a server gets.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Method;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RANGE, USER_AGENT};
use serde_json::Value;
use updraft_api_events::types::{ConnectionHttpParameters, CreateConnectionAuthRequestParameters};
use updraft_kernel::ports::{ServerCall, WebRequest};
use url::Url;

use super::{PATIENCE, Way, never};
use crate::send::Trouble;

/// What AWS sends with each, unless target or connection say something else.
const USUAL: [(HeaderName, &str); 3] = [
    (CONTENT_TYPE, "application/json; charset=utf-8"),
    (USER_AGENT, "Amazon/EventBridge/ApiDestinations"),
    (RANGE, "bytes=0-1048575"),
];

/// AWS: what the connection says goes before what the target says.
pub(super) fn made(call: &ServerCall, way: &Way, token: Option<&str>) -> Result<WebRequest, Trouble> {
    let (mut headers, mut query) = (HeaderMap::new(), call.query.clone());
    headers.extend(USUAL.map(|(name, value)| (name, HeaderValue::from_static(value))));
    for (name, value) in &call.headers {
        put(&mut headers, name, value)?;
    }
    let said = way.auth.invocation_http_parameters.clone().unwrap_or_default();
    add(&mut headers, &mut query, &said)?;
    authorize(&mut headers, &way.auth, token)?;
    let method = Method::from_bytes(way.destination.method.as_bytes()).map_err(|error| never(error.to_string()))?;
    let url = with_query(&call.filled(&way.destination.url), &query)?;
    Ok(WebRequest { method, url, headers, body: with_members(&call.body, &said), patience: PATIENCE })
}

pub(super) fn authorize(
    headers: &mut HeaderMap,
    auth: &CreateConnectionAuthRequestParameters,
    token: Option<&str>,
) -> Result<(), Trouble> {
    if let Some(basic) = &auth.basic_auth_parameters {
        let pair = STANDARD.encode(format!("{}:{}", basic.username, basic.password));
        put(headers, AUTHORIZATION.as_str(), &format!("Basic {pair}"))?;
    }
    if let Some(key) = &auth.api_key_auth_parameters {
        put(headers, &key.api_key_name, &key.api_key_value)?;
    }
    token.map_or(Ok(()), |token| put(headers, AUTHORIZATION.as_str(), &format!("Bearer {token}")))
}

/// What a connection says of every call.
pub(super) fn add(
    headers: &mut HeaderMap,
    query: &mut Vec<(String, String)>,
    said: &ConnectionHttpParameters,
) -> Result<(), Trouble> {
    for one in said.header_parameters.iter().flatten() {
        put(headers, one.key.as_deref().unwrap_or_default(), one.value.as_deref().unwrap_or_default())?;
    }
    for one in said.query_string_parameters.iter().flatten() {
        if let Some((name, value)) = one.key.clone().zip(one.value.clone()) {
            query.retain(|(other, _)| *other != name);
            query.push((name, value));
        }
    }
    Ok(())
}

fn put(headers: &mut HeaderMap, name: &str, value: &str) -> Result<(), Trouble> {
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| never(error.to_string()))?;
    headers.insert(name, HeaderValue::from_str(value).map_err(|error| never(error.to_string()))?);
    Ok(())
}

pub(super) fn with_query(url: &str, query: &[(String, String)]) -> Result<String, Trouble> {
    let mut url = Url::parse(url).map_err(|error| never(error.to_string()))?;
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    Ok(url.into())
}

/// AWS: members beside those of the event, where that is an object.
pub(super) fn with_members(body: &Bytes, said: &ConnectionHttpParameters) -> Bytes {
    let members: Vec<_> = said.body_parameters.iter().flatten().collect();
    match serde_json::from_slice(body) {
        Ok(Value::Object(mut object)) if !members.is_empty() => {
            let pairs = members.into_iter().filter_map(|one| one.key.clone().zip(one.value.clone()));
            object.extend(pairs.map(|(name, value)| (name, Value::String(value))));
            Value::Object(object).to_string().into()
        }
        _ => body.clone(),
    }
}
