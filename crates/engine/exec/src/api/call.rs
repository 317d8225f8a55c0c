//! One invocation as the runtime gets it.

use bytes::Bytes;
use http::{HeaderValue, Response};
use http_body_util::Full;
use updraft_kernel::UnixMillis;
use updraft_kernel::ports::Invocation;

use super::stream::Early;

/// How a runtime says that it posts its answer piece by piece.
pub(crate) const RESPONSE_MODE: &str = "lambda-runtime-function-response-mode";
pub(crate) const STREAMING: &str = "streaming";

/// What `GET …/next` is answered with.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) id: Box<str>,
    pub(crate) deadline: UnixMillis,
    pub(crate) invocation: Invocation,
    /// Who takes the answer piece by piece.
    pub(crate) early: Early,
}

impl Call {
    pub(crate) fn new(invocation: Invocation, deadline: UnixMillis, early: Early) -> Self {
        Self { id: invocation.request_id.as_str().into(), deadline, invocation, early }
    }

    pub(crate) fn render(&self) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(self.invocation.payload.clone()));
        let headers = response.headers_mut();
        let mut set = |name: &'static str, value: &str| {
            headers.insert(name, header(value));
        };
        set("content-type", "application/json");
        set("lambda-runtime-aws-request-id", &self.id);
        set("lambda-runtime-deadline-ms", &self.deadline.0.to_string());
        set("lambda-runtime-invoked-function-arn", &self.invocation.invoked_arn);
        set("lambda-runtime-trace-id", &self.trace());
        if let Some(context) = &self.invocation.client_context {
            set("lambda-runtime-client-context", context);
        }
        if self.early.is_wanted() {
            // Not AWS's: its runtimes stream or don't, whatever the caller wants. Ours may choose.
            set(RESPONSE_MODE, STREAMING);
        }
        response
    }

    /// The same in lines, as [`super::pipes`] says it.
    pub(super) fn lines(&self) -> String {
        let mode = if self.early.is_wanted() { STREAMING } else { "" };
        let context = cleaned(self.invocation.client_context.as_deref().unwrap_or_default());
        let (arn, trace) = (&self.invocation.invoked_arn, cleaned(&self.trace()));
        format!("{}\n{}\n{arn}\n{trace}\n{mode}\n{context}", self.id, self.deadline.0)
    }

    /// AWS: every invocation has a trace id, whether its caller traces or not. Ours is of the request's own id.
    pub(crate) fn trace(&self) -> String {
        let own = || {
            let id: String = self.id.chars().filter(char::is_ascii_hexdigit).take(24).collect();
            format!("Root=1-{:08x}-{id:0>24};Sampled=0", self.deadline.secs())
        };
        self.invocation.trace_header.clone().unwrap_or_else(own)
    }

    #[cfg(test)]
    pub(crate) fn sample(id: &str) -> Self {
        let invocation = Invocation {
            request_id: id.to_owned(),
            invoked_arn: "arn:aws:lambda:us-east-1:000000000000:function:f".to_owned(),
            payload: Bytes::from_static(b"{}"),
            client_context: None,
            trace_header: None,
            tail: false,
        };
        Self::new(invocation, UnixMillis(1_000), Early::default())
    }
}

/// A caller's text as a header. JSON may hold line breaks between its tokens; a header may not.
fn header(value: &str) -> HeaderValue {
    HeaderValue::from_str(value)
        .unwrap_or_else(|_| HeaderValue::from_bytes(cleaned(value).as_bytes()).unwrap_or(HeaderValue::from_static("")))
}

fn cleaned(value: &str) -> String {
    value.replace(|c: char| c.is_ascii_control(), " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_context_over_several_lines_stays_one_header() {
        let mut call = Call::sample("a");
        call.invocation.client_context = Some("{\n\"ä\": 1}".to_owned());
        let response = call.render();
        let value = response.headers()["lambda-runtime-client-context"].as_bytes();
        assert_eq!(value, "{ \"ä\": 1}".as_bytes());
        assert_eq!(call.lines().split('\n').nth(5), Some("{ \"ä\": 1}"));
        assert_eq!(response.headers()["lambda-runtime-deadline-ms"], "1000");
    }

    #[test]
    fn a_call_without_a_trace_gets_one_of_its_own() {
        let mut call = Call::sample("8476a536-e9f4-11e8-9739-2dfe598c3fcd");
        let trace = |call: &Call| call.render().headers()["lambda-runtime-trace-id"].clone();
        assert_eq!(trace(&call), "Root=1-00000001-8476a536e9f411e897392dfe;Sampled=0");
        call.invocation.trace_header = Some("Root=1-2-3".to_owned());
        assert_eq!(trace(&call), "Root=1-2-3");
    }
}
