//! Answers in events: frames as they come, and the accounts of the request when the last one is out.

use std::panic::AssertUnwindSafe;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::stream::{self, BoxStream, StreamExt};
use http::StatusCode;
use tracing::Instrument;
use updraft_kernel::{AwsError, RequestId};
use updraft_wire::codec::{self, Call};
use updraft_wire::{Streaming, Value};

use crate::account::Account;
use crate::response::{self, Response};

/// The response to a call that is answered in events. They are asked for only as fast as the client takes them.
pub(crate) fn response(call: Call, answer: Streaming<Value, Value>, id: &RequestId, mut account: Account) -> Response {
    let head = codec::encode_head(&call, &answer.head, id);
    account.answered(&head.headers);
    let status = StatusCode::from_u16(head.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if status == StatusCode::NO_CONTENT {
        account.close(head.status);
        return response::of(status, head.headers, Bytes::new());
    }
    let first = (!head.body.is_empty()).then_some(Ok(head.body));
    let pouring = Pouring { call, events: answer.events, account, status: head.status };
    let rest = stream::unfold(Some(pouring), |pouring| async move {
        let mut pouring = pouring?;
        let bytes = pouring.next().await?;
        let more = !pouring.account.closed;
        Some((Ok(bytes), more.then_some(pouring)))
    });
    response::pieces(status, head.headers, stream::iter(first).chain(rest).boxed())
}

/// Events on their way out.
struct Pouring {
    call: Call,
    events: BoxStream<'static, Result<Value, AwsError>>,
    account: Account,
    status: u16,
}

impl Pouring {
    /// The next frame; the one of an error is the last.
    async fn next(&mut self) -> Option<Bytes> {
        let span = self.account.span.clone();
        let event = AssertUnwindSafe(self.events.next().instrument(span)).catch_unwind().await;
        let event = event.unwrap_or_else(|_| {
            self.account.metrics.panicked();
            Some(Err(AwsError::internal("an operation panicked while it answered")))
        });
        let Some(event) = event else {
            self.account.close(self.status);
            return None;
        };
        Some(match event.and_then(|event| codec::encode_event(&self.call, &event)) {
            Ok(frame) => {
                self.account.sent(frame.len());
                frame
            }
            Err(err) => self.fail(&err),
        })
    }

    fn fail(&mut self, err: &AwsError) -> Bytes {
        self.account.failed(err);
        let frame = codec::encode_last(&self.call, err);
        self.account.sent(frame.len());
        self.account.close(err.code().status);
        frame
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use http_body_util::BodyExt;
    use tracing::Span;
    use updraft_kernel::SystemClock;
    use updraft_kernel::error::code;
    use updraft_wire::eventstream::{Frame, Header};
    use updraft_wire::model::Protocol;

    use super::*;
    use crate::metrics::Metrics;

    type Events = Vec<Result<Value, AwsError>>;

    /// A chunk of a function's answer.
    fn chunk(text: &'static str) -> Result<Value, AwsError> {
        let payload = Value::Structure(vec![(0, Value::Blob(text.into()))]);
        Ok(Value::Structure(vec![(0, payload)]))
    }

    fn answered(head: Value, events: BoxStream<'static, Result<Value, AwsError>>) -> (Response, Metrics) {
        let model = &updraft_api_lambda::MODEL;
        let op = model.operation("InvokeWithResponseStream").unwrap();
        let metrics = Metrics::new().unwrap();
        let account = Account {
            metrics: metrics.clone(),
            clock: Arc::new(SystemClock::new()),
            from: Duration::ZERO,
            span: Span::none(),
            service: "lambda",
            operation: op.name,
            noted: None,
            closed: false,
        };
        let call = Call::new(model, Protocol::RestJson, op);
        (response(call, Streaming { head, events }, &RequestId::new("id-1"), account), metrics)
    }

    fn counted(metrics: &Metrics, class: &str) -> bool {
        let line = format!(r#"{{operation="InvokeWithResponseStream",service="lambda",status="{class}"}} 1"#);
        String::from_utf8(metrics.text()).unwrap().contains(&line)
    }

    /// The type of each frame, with its payload or what it says of an error.
    async fn frames(response: Response) -> Vec<(String, String)> {
        let mut bytes = &response.into_body().collect().await.unwrap().to_bytes()[..];
        let mut all = Vec::new();
        while let Some((frame, length)) = Frame::decode(bytes).unwrap() {
            let said = |name| match frame.header(name) {
                Some(Header::Text(text)) => text.clone(),
                _ => String::new(),
            };
            let body = String::from_utf8(frame.body().to_vec()).unwrap();
            all.push((said(":message-type"), body + &said(":error-code")));
            bytes = &bytes[length..];
        }
        assert!(bytes.is_empty());
        all
    }

    fn owned(frames: &[(&str, &str)]) -> Vec<(String, String)> {
        frames.iter().map(|(kind, body)| ((*kind).to_owned(), (*body).to_owned())).collect()
    }

    #[tokio::test]
    async fn events_are_frames_and_counted_when_the_last_is_out() {
        let events: Events = vec![chunk("one"), chunk("two")];
        let (response, metrics) = answered(Value::empty(), stream::iter(events).boxed());
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "application/vnd.amazon.eventstream");
        assert!(!counted(&metrics, "2xx"), "not before it is over");
        assert_eq!(frames(response).await, owned(&[("event", "one"), ("event", "two")]));
        assert!(counted(&metrics, "2xx"));
    }

    #[tokio::test]
    async fn an_error_is_the_last_frame() {
        let events: Events = vec![chunk("one"), Err(AwsError::new(&code::INTERNAL_FAILURE, "oh")), chunk("never")];
        let (response, metrics) = answered(Value::empty(), stream::iter(events).boxed());
        assert_eq!(frames(response).await, owned(&[("event", "one"), ("error", "InternalFailure")]));
        assert!(counted(&metrics, "5xx"));
    }

    #[tokio::test]
    async fn a_panic_is_an_error_too() {
        let events = stream::iter([1, 2]).map(|at| if at == 1 { chunk("one") } else { panic!("on purpose") });
        let (response, metrics) = answered(Value::empty(), events.boxed());
        assert_eq!(frames(response).await, owned(&[("event", "one"), ("error", "InternalFailure")]));
        assert_eq!(metrics.panics(), 1);
    }

    #[tokio::test]
    async fn a_client_that_hangs_up_is_counted_as_one() {
        let (response, metrics) = answered(Value::empty(), stream::pending().boxed());
        drop(response);
        assert!(counted(&metrics, "4xx"));
    }

    #[tokio::test]
    async fn an_answer_without_content_has_no_events() {
        let head = Value::Structure(vec![(0, Value::Int(204))]);
        let (response, metrics) = answered(head, stream::pending().boxed());
        assert_eq!(response.status(), 204);
        assert!(frames(response).await.is_empty());
        assert!(counted(&metrics, "2xx"));
    }
}
