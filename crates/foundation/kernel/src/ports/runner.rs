//! Running a function's code. Implemented by `engine/exec`; used by `services/lambda`, which owns configuration and
//! knows nothing of processes.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use crate::{AccountId, Arn, BoxFuture, Region};

/// A code package in the blob store.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CodeLocation {
    /// The blob's id.
    pub blob: String,
    /// Lower-case hex SHA-256 of the zip; what unpacked code is cached under.
    pub sha256: String,
}

/// Everything that is needed to run one version of a function. Two equal specs share warm instances.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FunctionSpec {
    pub account: AccountId,
    pub region: Region,
    pub name: String,
    /// `$LATEST` or a number.
    pub version: String,
    /// Changes with each update of code or configuration, so that old instances retire.
    pub revision: String,
    /// Such as `python3.12`.
    pub runtime: String,
    pub handler: String,
    pub role: Arn,
    pub code: CodeLocation,
    pub environment: BTreeMap<String, String>,
    pub memory_mb: u32,
    pub timeout: Duration,
    /// `/tmp`, in MiB.
    pub ephemeral_mb: u32,
    pub log_group: String,
    /// How many instances at most; `None`: the account's limit.
    pub max_instances: Option<u32>,
}

/// One event for the function.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// What the function sees as `aws_request_id`.
    pub request_id: String,
    /// With the qualifier that was asked for, where there was one.
    pub invoked_arn: String,
    pub payload: Bytes,
    /// Decoded JSON.
    pub client_context: Option<String>,
    pub trace_header: Option<String>,
    pub tail: bool,
}

/// Whether the function's own code raised the error, or the platform saw it fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunctionErrorKind {
    /// `X-Amz-Function-Error: Handled`: returned through the runtime's error channel by contract (rare).
    Handled,
    Unhandled,
}

/// How an invocation ended. A function's own failure is an outcome, not an error of the runner.
#[derive(Clone, Debug)]
pub struct RunOutcome {
    pub payload: Bytes,
    pub error: Option<FunctionErrorKind>,
    /// Up to the last 4 KiB of the log, where asked for.
    pub log_tail: Option<Bytes>,
    pub cold_start: bool,
}

/// Why nothing was run at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunnerRefusal {
    /// 429: no instance is free and none may be started.
    #[error("no capacity: {0}")]
    Throttled(&'static str),
    /// The host lacks the interpreter, or the sandbox is below the configured minimum. The text says what to do.
    #[error("{0}")]
    Unavailable(String),
    /// This node takes no more calls, for it is about to end; another one, or the next, will.
    #[error("the platform is shutting down")]
    Stopping,
    /// The runtime's name is unknown here.
    #[error("runtime {0} is not supported")]
    UnknownRuntime(String),
    /// The package is not a zip, climbs out of its folder, or unpacks too large.
    #[error("{0}")]
    BadCode(String),
}

pub trait RunnerPort: Send + Sync + fmt::Debug {
    fn run<'a>(&'a self, spec: &'a FunctionSpec, call: Invocation) -> BoxFuture<'a, Result<RunOutcome, RunnerRefusal>>;
    /// Ends the idle instances of a function whose version was deleted or replaced; busy ones end after their call.
    fn retire<'a>(&'a self, account: &'a AccountId, region: &'a Region, name: &'a str) -> BoxFuture<'a, ()>;
    /// Checks a package before it is accepted: format, paths, sizes.
    /// Returns the unpacked size in bytes.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence.
    fn check_code(&self, zip: &[u8]) -> Result<u64, RunnerRefusal>;
}
