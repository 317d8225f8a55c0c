//! How instances come to their end, and what is said of it.

use bytes::Bytes;
use serde_json::json;
use updraft_exec::{End, Life, Printed};
use wasmtime::{Error, Trap};
use wasmtime_wasi::I32Exit;

use crate::limits::OutOfMemory;

/// An error as Lambda's callers see it.
pub(crate) fn payload(kind: &str, message: &str) -> Bytes {
    json!({ "errorType": kind, "errorMessage": message }).to_string().into()
}

/// What ended an instance. Whatever isn't its own decision is told in the log, with where it happened.
pub(crate) fn end(error: &Error, life: &Life) -> End {
    if error.downcast_ref::<OutOfMemory>().is_some() {
        return End::OutOfMemory;
    }
    if let Some(I32Exit(status)) = error.downcast_ref() {
        return End::Exited(*status);
    }
    // A line break ends an event of the log; the log turns these back.
    life.print(Printed::Err, format!("{error:?}\n").trim_end().replace('\n', "\r").as_bytes());
    life.print(Printed::Err, b"\n");
    let why = error.downcast_ref::<Trap>().map_or_else(|| error.root_cause().to_string(), Trap::to_string);
    End::Trapped(why.into())
}
