//! The protocols, seen from outside: requests in, responses out, over a small model.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod errors;
mod events;
mod hostile;
mod json;
mod model;
mod query;
mod rest;
mod routes;
mod validation;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use updraft_kernel::{AwsError, RequestId};
use updraft_wire::http::{Request, Response};
use updraft_wire::{Call, ServiceModel, Value, decode, find};

/// A request, owned.
#[derive(Debug)]
struct Sent {
    method: Method,
    path: String,
    query: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Sent {
    fn new(method: &str, target: &str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self {
            method: method.parse().unwrap(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }

    fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        self
    }

    fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    fn request(&self) -> Request<'_> {
        Request { method: &self.method, path: &self.path, query: &self.query, headers: &self.headers, body: &self.body }
    }

    fn find(&self, model: &'static ServiceModel) -> Result<Call, AwsError> {
        find(model, &self.request())
    }

    fn decode(&self, model: &'static ServiceModel) -> Result<Value, AwsError> {
        decode(&self.find(model)?, &self.request())
    }
}

fn target(operation: &str, body: &str) -> Sent {
    Sent::new("POST", "/").header("x-amz-target", &format!("Shop_20260101.{operation}")).body(body.to_owned())
}

fn form(body: &str) -> Sent {
    Sent::new("POST", "/")
        .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
        .body(body.to_owned())
}

fn id() -> RequestId {
    RequestId::new("id-1")
}

fn body(response: &Response) -> &str {
    std::str::from_utf8(&response.body).unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers.get(name).map(|value| value.to_str().unwrap())
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}
