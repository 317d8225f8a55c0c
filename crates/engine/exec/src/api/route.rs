//! Which of the Runtime API's few operations a request is, and what becomes of it.

use std::sync::Arc;

use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, Method, Request};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;

use super::answer::{self, Answer};
use super::body::{self, Posted};
use super::call::{RESPONSE_MODE, STREAMING};
use super::session::{Finished, Session};
use super::stream::{self, Passed};
use crate::extensions;
use crate::failure::{RESPONSE_LIMIT, STREAM_LIMIT};
use crate::instance::Instance;

const ERROR_TYPE: &str = "lambda-runtime-function-error-type";
/// What extensions post is small, in bytes.
const LARGEST: usize = 256 << 10;
/// The states that answers lead to, as AWS's refusals name them.
pub(super) const RESPONSE: &str = "InvocationResponse";
pub(super) const FAILURE: &str = "InvocationErrorResponse";

/// A request of the runtime, told by its method and path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op<'a> {
    Next,
    Response(&'a str),
    Error(&'a str),
    InitError,
}

fn parse<'a>(method: &Method, path: &'a str) -> Option<Op<'a>> {
    let rest = path.strip_prefix("/2018-06-01/runtime/")?;
    if *method == Method::GET {
        return (rest == "invocation/next").then_some(Op::Next);
    }
    if *method != Method::POST {
        return None;
    }
    if rest == "init/error" {
        return Some(Op::InitError);
    }
    let (id, what) = rest.strip_prefix("invocation/")?.split_once('/')?;
    match what {
        "response" => Some(Op::Response(id)),
        "error" => Some(Op::Error(id)),
        _ => None,
    }
}

/// Never fails: what is wrong with a request is said in the answer.
pub(crate) async fn handle(instance: Arc<Instance>, request: Request<Incoming>) -> Answer {
    let (head, body) = request.into_parts();
    let session = &*instance.session;
    match parse(&head.method, head.uri.path()) {
        Some(Op::Next) => next(session).await,
        Some(Op::Response(id)) if is_streamed(&head.headers) => stream(session, id, &head.headers, body).await,
        Some(Op::Response(id)) => finish(session, id, RESPONSE, Finished::Response, body).await,
        Some(Op::Error(id)) => finish(session, id, FAILURE, Finished::Error, body).await,
        Some(Op::InitError) => {
            let kind = head.headers.get(ERROR_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("Runtime.Unknown");
            init_error(session, kind.to_owned(), body).await
        }
        None => extension(&instance, &head, body).await,
    }
}

/// A request that isn't the runtime's.
async fn extension(instance: &Arc<Instance>, head: &Parts, body: Incoming) -> Answer {
    let Some(op) = extensions::route::parse(&head.method, head.uri.path()) else { return answer::not_found() };
    match Limited::new(body, LARGEST).collect().await {
        Ok(body) => extensions::route::handle(instance, op, &head.headers, body.to_bytes()).await,
        Err(_) => answer::broken(),
    }
}

async fn next(session: &Session) -> Answer {
    let waiting = match session.next() {
        Ok(waiting) => waiting,
        Err(refusal) => return answer::refused(refusal),
    };
    match waiting.await {
        Ok(call) => call.render(),
        Err(_) => answer::refused(super::session::Refusal::State { from: "Ready", to: "Ready" }),
    }
}

async fn finish(
    session: &Session,
    id: &str,
    to: &'static str,
    wrap: fn(bytes::Bytes) -> Finished,
    body: Incoming,
) -> Answer {
    let _turn = session.turn().await;
    // Asked before the body is read: a forged id must not make us hold megabytes.
    if let Err(refusal) = session.check(id, to) {
        return answer::refused(refusal);
    }
    let (finished, kept) = match body::read(body).await {
        Posted::Whole(bytes) => (wrap(bytes), answer::accepted()),
        Posted::Failed(error) => (Finished::Error(error), answer::accepted()),
        Posted::TooLarge => (Finished::TooLarge(RESPONSE_LIMIT), answer::too_large(RESPONSE_LIMIT)),
        Posted::Broken => return answer::broken(),
    };
    match session.finish(id, to, finished) {
        Ok(()) => {
            // Whoever waits for the answer has it before the runtime hears that it is accepted, which wakes a process.
            tokio::task::yield_now().await;
            kept
        }
        Err(refusal) => answer::refused(refusal),
    }
}

fn is_streamed(headers: &HeaderMap) -> bool {
    headers.get(RESPONSE_MODE).is_some_and(|mode| mode.as_bytes().eq_ignore_ascii_case(STREAMING.as_bytes()))
}

/// Passes an answer on as it comes; collects it, where it is wanted as a whole.
async fn stream(session: &Session, id: &str, headers: &HeaderMap, body: Incoming) -> Answer {
    let answering = match session.start(id, RESPONSE) {
        Ok(answering) => answering,
        Err(refusal) => return answer::refused(refusal),
    };
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("application/octet-stream");
    let (finished, kept) = match answering.call.early.begin(kind.to_owned()) {
        Some(to) => match stream::pass(body, to).await {
            Passed::Whole => (Finished::Streamed(None), answer::accepted()),
            Passed::Failed(error) => (Finished::Streamed(Some(error)), answer::accepted()),
            Passed::TooLarge => (Finished::TooLarge(STREAM_LIMIT), answer::too_large(STREAM_LIMIT)),
            Passed::Broken => (Finished::Broken, answer::broken()),
        },
        None => match body::read(body).await {
            Posted::Whole(bytes) => (Finished::Response(bytes), answer::accepted()),
            Posted::Failed(error) => (Finished::Error(error), answer::accepted()),
            Posted::TooLarge => (Finished::TooLarge(RESPONSE_LIMIT), answer::too_large(RESPONSE_LIMIT)),
            Posted::Broken => (Finished::Broken, answer::broken()),
        },
    };
    answering.end(finished);
    kept
}

async fn init_error(session: &Session, kind: String, body: Incoming) -> Answer {
    let _turn = session.turn().await;
    if let Err(refusal) = session.check_init() {
        return answer::refused(refusal);
    }
    let payload = match body::read(body).await {
        Posted::Whole(bytes) | Posted::Failed(bytes) => bytes,
        Posted::TooLarge => return answer::too_large(RESPONSE_LIMIT),
        Posted::Broken => return answer::broken(),
    };
    match session.init_failed(kind, payload) {
        Ok(()) => answer::accepted(),
        Err(refusal) => answer::refused(refusal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_told_by_method_and_path() {
        let op = |m: Method, p| parse(&m, p);
        assert_eq!(op(Method::GET, "/2018-06-01/runtime/invocation/next"), Some(Op::Next));
        assert_eq!(op(Method::POST, "/2018-06-01/runtime/invocation/a-b/response"), Some(Op::Response("a-b")));
        assert_eq!(op(Method::POST, "/2018-06-01/runtime/invocation/a/error"), Some(Op::Error("a")));
        assert_eq!(op(Method::POST, "/2018-06-01/runtime/init/error"), Some(Op::InitError));
        for (method, path) in [
            (Method::POST, "/2018-06-01/runtime/invocation/next"),
            (Method::PUT, "/2018-06-01/runtime/init/error"),
            (Method::GET, "/"),
        ] {
            assert_eq!(op(method, path), None, "{path}");
        }
    }
}
