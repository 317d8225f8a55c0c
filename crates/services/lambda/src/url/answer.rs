//! What a URL answers.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use updraft_kernel::ports::HttpResponse;
use updraft_kernel::{AwsError, RequestId};
use updraft_proxy::answer::{Answer, Format, Malformed, NO_JSON, response};
use updraft_wire::encode_error;
use updraft_wire::model::Protocol;

use super::access::Denied;

const JSON: &str = "application/json";

/// Why a request doesn't get its function's answer.
#[derive(Debug)]
pub(super) enum Refusal {
    /// There is no such URL, or the caller isn't let in.
    Denied(Denied),
    /// The function failed, or answered what is no response.
    BadGateway,
    /// In Lambda's own words.
    Lambda(AwsError),
}

impl Refusal {
    pub(super) fn response(&self, id: &RequestId) -> HttpResponse {
        match self {
            Self::Denied(Denied::Forbidden) => forbidden(),
            Self::Denied(Denied::Signature(error)) => told(error, id),
            // AWS: not JSON, though it says so.
            Self::BadGateway => json(502, Bytes::from_static(b"Internal Server Error")),
            Self::Lambda(error) => told(error, id),
        }
    }
}

impl From<AwsError> for Refusal {
    fn from(error: AwsError) -> Self {
        Self::Lambda(error)
    }
}

impl From<Malformed> for Refusal {
    fn from(why: Malformed) -> Self {
        tracing::debug!(why = why.0, "the answer of a function is no response");
        Self::BadGateway
    }
}

fn forbidden() -> HttpResponse {
    let mut response = json(403, Bytes::from_static(br#"{"Message":"Forbidden"}"#));
    response.headers.insert("x-amzn-errortype", HeaderValue::from_static("AccessDeniedException"));
    response
}

fn told(error: &AwsError, id: &RequestId) -> HttpResponse {
    let answer = encode_error(&updraft_api_lambda::MODEL, Protocol::RestJson, None, error, id);
    HttpResponse { status: answer.status, headers: answer.headers, body: answer.body.into() }
}

fn json(status: u16, body: Bytes) -> HttpResponse {
    let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(JSON))]);
    HttpResponse { status, headers, body: body.into() }
}

/// The response that a function's whole answer is.
pub(super) fn of_payload(payload: &Bytes) -> Result<HttpResponse, Refusal> {
    // AWS: a structured response without a type is JSON (recorded: `test_lambda_url_invocation[http-response-json]`).
    match response(Format::Two, payload, JSON) {
        Ok(Answer { status, headers, body }) => Ok(HttpResponse { status, headers, body: body.into() }),
        // AWS: what a function streams to a URL that doesn't is no JSON, and then a body as it is, its head included.
        Err(NO_JSON) => Ok(json(200, payload.clone())),
        Err(why) => Err(why.into()),
    }
}
