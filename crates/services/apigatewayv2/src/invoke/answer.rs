//! What the gateway answers by itself.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use updraft_kernel::ports::HttpResponse;

/// Why a request doesn't get its function's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No stage, no route, or the API's own address is off.
    NotFound,
    TooManyRequests,
    /// The body is over AWS's 10 MB.
    RequestEntityTooLarge,
    /// The function failed, or may not be called.
    // AWS: HTTP APIs answer 500 where REST APIs answer 502.
    InternalServerError,
    /// The function answered what is no response.
    // AWS: Lambda's guide has 502 for an answer of a wrong format.
    BadGateway,
    /// The function didn't answer in time, or is throttled itself.
    // AWS: HTTP APIs answer 503 where REST APIs answer 504.
    ServiceUnavailable,
}

impl Refusal {
    fn face(self) -> (StatusCode, &'static str) {
        match self {
            Self::NotFound => (StatusCode::NOT_FOUND, r#"{"message":"Not Found"}"#),
            Self::TooManyRequests => (StatusCode::TOO_MANY_REQUESTS, r#"{"message":"Too Many Requests"}"#),
            Self::RequestEntityTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, r#"{"message":"Request Entity Too Large"}"#),
            Self::InternalServerError => (StatusCode::INTERNAL_SERVER_ERROR, r#"{"message":"Internal Server Error"}"#),
            Self::BadGateway => (StatusCode::BAD_GATEWAY, r#"{"message":"Internal Server Error"}"#),
            Self::ServiceUnavailable => (StatusCode::SERVICE_UNAVAILABLE, r#"{"message":"Service Unavailable"}"#),
        }
    }
}

impl From<Refusal> for HttpResponse {
    fn from(refusal: Refusal) -> Self {
        let (status, body) = refusal.face();
        let json = HeaderValue::from_static("application/json");
        Self {
            status: status.as_u16(),
            headers: HeaderMap::from_iter([(header::CONTENT_TYPE, json)]),
            body: Bytes::from_static(body.as_bytes()).into(),
        }
    }
}
