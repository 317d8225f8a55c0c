//! How functions fail, worded as AWS does.

use std::time::Duration;

use bytes::Bytes;

use crate::extensions::registry::Fault;

/// AWS: 6 MB and a little, for requests and responses alike.
pub(crate) const RESPONSE_LIMIT: usize = 6_291_556;
/// AWS: 200 MB, for responses that are streamed.
pub(crate) const STREAM_LIMIT: usize = 200 << 20;

/// How a process came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Code(i32),
    Signal(i32),
    /// The kernel ended it for using more memory than it may.
    OutOfMemory,
    /// Not a process: the isolation that it ran in ended it, for this.
    Trapped(Box<str>),
}

/// The platform's own verdict on an invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    TimedOut(Duration),
    Exited(Exit),
    /// With the limit in bytes.
    ResponseTooLarge(usize),
    /// An answer that was streamed broke off, though the process lives.
    Truncated,
    /// An extension took the instance with it.
    Extension {
        kind: String,
        why: String,
    },
    /// Before any of the function's code ran: the package lacks something.
    Init {
        kind: &'static str,
        message: String,
    },
}

impl From<Fault> for Failure {
    fn from(Fault { kind, why }: Fault) -> Self {
        Self::Extension { kind, why }
    }
}

impl Failure {
    /// `errorType`.
    pub(crate) fn kind(&self) -> &str {
        match self {
            Self::TimedOut(_) => "Sandbox.Timedout",
            Self::Exited(_) => "Runtime.ExitError",
            Self::ResponseTooLarge(_) => "Function.ResponseSizeTooLarge",
            Self::Truncated => "Runtime.TruncatedResponse",
            Self::Extension { kind, .. } => kind,
            Self::Init { kind, .. } => kind,
        }
    }

    /// `errorMessage`.
    pub(crate) fn message(&self, request_id: &str) -> String {
        match self {
            // AWS: recorded in 2022 as `{date} {id} Task timed out after 1.00 seconds` without a type; answered so today.
            Self::TimedOut(limit) => {
                format!("RequestId: {request_id} Error: Task timed out after {:.2} seconds", limit.as_secs_f64())
            }
            Self::Exited(exit) => format!("RequestId: {request_id} Error: Runtime exited {}", reason(exit)),
            Self::ResponseTooLarge(limit) => {
                format!("Response payload size exceeded maximum allowed payload size ({limit} bytes).")
            }
            Self::Truncated => format!("RequestId: {request_id} Error: The response was not completed"),
            Self::Extension { why, .. } => format!("RequestId: {request_id} Error: {why}"),
            Self::Init { message, .. } => format!("RequestId: {request_id} Error: {message}"),
        }
    }

    /// The invocation's payload.
    pub(crate) fn payload(&self, request_id: &str) -> Bytes {
        let message = serde_json::Value::from(self.message(request_id));
        Bytes::from(format!(r#"{{"errorType":"{}","errorMessage":{message}}}"#, self.kind()))
    }
}

fn reason(exit: &Exit) -> String {
    match exit {
        Exit::Code(0) => "without providing a reason".to_owned(),
        Exit::Code(code) => format!("with error: exit status {code}"),
        Exit::OutOfMemory => "with error: signal: killed".to_owned(),
        Exit::Trapped(why) => format!("with error: {why}"),
        Exit::Signal(signal) => format!("with error: signal: {}", signal_name(*signal)),
    }
}

/// AWS's supervisor is written in Go, which words signals so.
pub(crate) fn signal_name(signal: i32) -> String {
    let name = match signal {
        1 => "hangup",
        2 => "interrupt",
        3 => "quit",
        4 => "illegal instruction",
        5 => "trace/breakpoint trap",
        6 => "aborted",
        7 => "bus error",
        8 => "floating point exception",
        9 => "killed",
        10 => "user defined signal 1",
        11 => "segmentation fault",
        12 => "user defined signal 2",
        13 => "broken pipe",
        14 => "alarm clock",
        15 => "terminated",
        31 => "bad system call",
        other => return format!("signal {other}"),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(failure: &Failure) -> String {
        String::from_utf8(failure.payload("id-1").to_vec()).unwrap()
    }

    #[test]
    fn payloads_are_worded_as_recorded() {
        assert_eq!(
            text(&Failure::TimedOut(Duration::from_secs(3))),
            r#"{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: id-1 Error: Task timed out after 3.00 seconds"}"#
        );
        assert_eq!(
            text(&Failure::Exited(Exit::Code(0))),
            r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: id-1 Error: Runtime exited without providing a reason"}"#
        );
        assert_eq!(
            text(&Failure::Exited(Exit::Code(127))),
            r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: id-1 Error: Runtime exited with error: exit status 127"}"#
        );
        assert_eq!(
            text(&Failure::Exited(Exit::OutOfMemory)),
            r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: id-1 Error: Runtime exited with error: signal: killed"}"#
        );
        assert_eq!(
            text(&Failure::ResponseTooLarge(RESPONSE_LIMIT)),
            r#"{"errorType":"Function.ResponseSizeTooLarge","errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes)."}"#
        );
    }
}
