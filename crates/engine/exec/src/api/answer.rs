//! What the Runtime API says besides events, worded as the real one does.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;
use serde_json::Value;

use super::session::Refusal;

pub(crate) type Answer = Response<Full<Bytes>>;

fn json(status: StatusCode, body: impl Into<Bytes>) -> Answer {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    response
}

fn error(status: StatusCode, kind: &str, message: &str) -> Answer {
    let (message, kind) = (Value::from(message), Value::from(kind));
    json(status, format!(r#"{{"errorMessage":{message},"errorType":{kind}}}"#))
}

pub(crate) fn accepted() -> Answer {
    json(StatusCode::ACCEPTED, Bytes::from_static(b"{\"status\":\"OK\"}\n"))
}

pub(crate) fn refused(refusal: Refusal) -> Answer {
    match refusal {
        Refusal::UnknownId => error(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID"),
        Refusal::State { from, to } => {
            let message = format!(
                "State transition from {from} to {to} failed for runtime. Error: State transition is not allowed"
            );
            error(StatusCode::FORBIDDEN, "InvalidStateTransition", &message)
        }
    }
}

pub(crate) fn ok(body: Bytes) -> Answer {
    json(StatusCode::OK, body)
}

pub(crate) fn forbidden(kind: &str, message: &str) -> Answer {
    error(StatusCode::FORBIDDEN, kind, message)
}

pub(crate) fn invalid(kind: &str, message: &str) -> Answer {
    error(StatusCode::BAD_REQUEST, kind, message)
}

pub(crate) fn too_large(limit: usize) -> Answer {
    let message = format!("Exceeded maximum allowed payload size ({limit} bytes).");
    error(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", &message)
}

/// The body ended early, or was no HTTP body.
pub(crate) fn broken() -> Answer {
    error(StatusCode::BAD_REQUEST, "InvalidRequest", "The request body could not be read")
}

pub(crate) fn not_found() -> Answer {
    let mut response = Response::new(Full::new(Bytes::from_static(b"404 page not found\n")));
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_have_the_real_status_codes() {
        assert_eq!(accepted().status(), 202);
        assert_eq!(refused(Refusal::UnknownId).status(), 400);
        assert_eq!(refused(Refusal::State { from: "Running", to: "Ready" }).status(), 403);
        assert_eq!(too_large(1).status(), 413);
    }
}
