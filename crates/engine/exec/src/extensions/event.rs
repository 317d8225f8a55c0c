//! What extensions are told, as AWS writes it.

use bytes::Bytes;
use serde_json::json;
use updraft_kernel::UnixMillis;

use crate::api::call::Call;

/// Why an instance ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// It isn't needed any more.
    Spindown,
    Timeout,
    Failure,
}

impl Reason {
    fn as_str(self) -> &'static str {
        match self {
            Self::Spindown => "spindown",
            Self::Timeout => "timeout",
            Self::Failure => "failure",
        }
    }
}

/// The answer to `event/next` when there is a call.
pub(crate) fn invoke(call: &Call) -> Bytes {
    let event = json!({
        "eventType": "INVOKE",
        "deadlineMs": call.deadline.0,
        "requestId": &*call.id,
        "invokedFunctionArn": call.invocation.invoked_arn,
        "tracing": { "type": "X-Amzn-Trace-Id", "value": call.trace() },
    });
    Bytes::from(event.to_string())
}

/// The last one there is.
pub(crate) fn shutdown(reason: Reason, deadline: UnixMillis) -> Bytes {
    let event = json!({ "eventType": "SHUTDOWN", "shutdownReason": reason.as_str(), "deadlineMs": deadline.0 });
    Bytes::from(event.to_string())
}
