//! Responses, as the gateway sends them.

use std::io;

use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt, TryStreamExt};
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, StatusCode};
use http_body::Frame;
use http_body_util::{Either, Full, StreamBody};
use serde_json::Value;

/// Whole, as nearly all are, or in pieces as they come.
pub type Body = Either<Full<Bytes>, StreamBody<BoxStream<'static, io::Result<Frame<Bytes>>>>>;

pub type Response = http::Response<Body>;

/// Any status, headers and body.
#[must_use]
pub fn of(status: StatusCode, headers: HeaderMap, body: Bytes) -> Response {
    let mut response = http::Response::new(Body::Left(Full::new(body)));
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
pub fn html(body: String) -> Response {
    typed(StatusCode::OK, "text/html; charset=utf-8", body.into())
}

#[must_use]
pub fn text(body: Vec<u8>) -> Response {
    typed(StatusCode::OK, "text/plain; version=0.0.4", body.into())
}

/// A body that is never held as a whole, and asked for only as fast as it is sent; where it fails, the connection
/// breaks.
#[must_use]
pub fn pieces(status: StatusCode, headers: HeaderMap, body: BoxStream<'static, io::Result<Bytes>>) -> Response {
    let mut response = http::Response::new(Body::Right(StreamBody::new(body.map_ok(Frame::data).boxed())));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// The same, of a type.
#[must_use]
pub fn streamed(kind: &'static str, body: BoxStream<'static, io::Result<Bytes>>) -> Response {
    pieces(StatusCode::OK, HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]), body)
}

fn typed(status: StatusCode, kind: &'static str, body: Bytes) -> Response {
    of(status, HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]), body)
}
