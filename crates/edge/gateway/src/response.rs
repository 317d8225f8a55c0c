//! Responses, as the gateway sends them.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, StatusCode};
use http_body_util::Full;
use serde_json::Value;

/// Whole bodies for now; a stream goes the same way once an operation has one.
pub type Response = http::Response<Full<Bytes>>;

/// Any status, headers and body.
#[must_use]
pub fn of(status: StatusCode, headers: HeaderMap, body: Bytes) -> Response {
    let mut response = http::Response::new(Full::new(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

#[must_use]
pub fn json(status: StatusCode, value: &Value) -> Response {
    typed(status, "application/json", value.to_string().into())
}

#[must_use]
pub fn xml(status: StatusCode, body: String) -> Response {
    typed(status, "text/xml", body.into())
}

#[must_use]
pub fn text(body: Vec<u8>) -> Response {
    typed(StatusCode::OK, "text/plain; version=0.0.4", body.into())
}

fn typed(status: StatusCode, kind: &'static str, body: Bytes) -> Response {
    of(status, HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]), body)
}
