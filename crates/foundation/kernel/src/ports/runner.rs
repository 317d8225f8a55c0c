//! Running a function's code. Implemented by `engine/exec`; used by `services/lambda`, which owns configuration and
//! knows nothing of processes.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt};

use super::{DebugHow, Debugging};
use crate::{AccountId, Arn, BoxFuture, Region};

/// A code package in the blob store.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CodeLocation {
    /// The blob's id.
    pub blob: String,
    /// Lower-case hex SHA-256 of the zip; what unpacked code is cached under.
    pub sha256: String,
}

/// A layer: unpacked over those before it, in `/opt`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LayerSpec {
    /// With its version.
    pub arn: String,
    pub code: CodeLocation,
}

/// A folder outside the package that the function may read and write.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FileSystem {
    /// Of the access point; which folder of the host it means is the operator's to say.
    pub arn: String,
    /// Where the function sees it, `/mnt/…`.
    pub path: String,
}

/// What becomes of what is printed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LogSpec {
    pub group: String,
    /// `LogFormat: JSON`.
    pub json: bool,
    /// `TRACE` to `FATAL`; counts where the format is JSON.
    pub application_level: String,
    /// `DEBUG`, `INFO` or `WARN`; counts where the format is JSON.
    pub system_level: String,
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
    /// In the order in which they are unpacked.
    pub layers: Vec<LayerSpec>,
    pub file_systems: Vec<FileSystem>,
    pub environment: BTreeMap<String, String>,
    pub memory_mb: u32,
    pub timeout: Duration,
    /// `/tmp`, in MiB.
    pub ephemeral_mb: u32,
    pub logging: LogSpec,
    /// `TracingConfig: Active`.
    pub tracing: bool,
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

/// How busy the engine was as a call began: what the metrics of concurrency are made of. The call itself is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Concurrency {
    /// Calls at work in the account.
    pub account: u32,
    /// Those of them in functions without reserved concurrency.
    pub unreserved: u32,
    /// Calls at work in this version of the function.
    pub function: u32,
    /// Instances of this version that were started ahead, and how many of them are at work.
    pub provisioned: u32,
    pub provisioned_busy: u32,
}

/// What a call took, for reports and metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    pub duration: Duration,
    /// How long the instance's start took, where this call was its first and had to wait for it.
    pub init: Option<Duration>,
    /// On an instance that was started ahead.
    pub provisioned: bool,
    pub concurrency: Concurrency,
}

/// How an invocation ended. A function's own failure is an outcome, not an error of the runner.
#[derive(Clone, Debug)]
pub struct RunOutcome {
    /// Empty where it was streamed.
    pub payload: Bytes,
    pub error: Option<FunctionErrorKind>,
    /// Up to the last 4 KiB of the log, where asked for.
    pub log_tail: Option<Bytes>,
    pub cold_start: bool,
    pub usage: Usage,
}

/// An answer on its way. It fails half-way where the function does; `ended` then says how.
pub struct Streamed {
    /// As the runtime says it; a function that doesn't stream answers `application/json`.
    pub content_type: String,
    pub pieces: BoxStream<'static, Bytes>,
    /// Completes after the last piece. Its payload is the error, where there is one.
    pub ended: BoxFuture<'static, RunOutcome>,
}

impl Streamed {
    /// An answer that is there already, in one piece.
    #[must_use]
    pub fn whole(outcome: RunOutcome) -> Self {
        let answer = outcome.error.is_none().then(|| outcome.payload.clone());
        let ended = match answer {
            Some(_) => RunOutcome { payload: Bytes::new(), ..outcome },
            None => outcome,
        };
        Self {
            content_type: "application/json".to_owned(),
            pieces: stream::iter(answer).boxed(),
            ended: Box::pin(std::future::ready(ended)),
        }
    }
}

impl fmt::Debug for Streamed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streamed").field("content_type", &self.content_type).finish_non_exhaustive()
    }
}

/// How far the instances that were asked for ahead have come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provisioned {
    pub requested: u32,
    /// Started, ready or at work.
    pub allocated: u32,
    /// Ready and without work.
    pub available: u32,
    /// Why no more of them can be started: the function's code fails to start.
    pub failed: Option<String>,
}

/// Why nothing was run at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunnerRefusal {
    /// 429: no instance is free and none may be started.
    #[error("no capacity: {0}")]
    Throttled(&'static str),
    /// 429: the host has no memory for one more instance. The text says what there is, and is for callers.
    #[error("{0}")]
    Full(String),
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
    /// No folder of the host stands for this access point of a file system, named by its ARN.
    #[error("no folder stands for the access point {0}")]
    NoSuchFileSystem(String),
}

impl RunnerRefusal {
    /// Whether it is for lack of room, so that it may go well a moment later.
    #[must_use]
    pub fn is_throttle(&self) -> bool {
        matches!(self, Self::Throttled(_) | Self::Full(_))
    }
}

pub trait RunnerPort: Send + Sync + fmt::Debug {
    fn run<'a>(
        &'a self,
        spec: &'a Arc<FunctionSpec>,
        call: Invocation,
    ) -> BoxFuture<'a, Result<RunOutcome, RunnerRefusal>>;

    /// As [`Self::run`], answering as soon as the function begins to. A runner that can't answers in one piece.
    fn stream<'a>(
        &'a self,
        spec: &'a Arc<FunctionSpec>,
        call: Invocation,
    ) -> BoxFuture<'a, Result<Streamed, RunnerRefusal>> {
        Box::pin(async move { self.run(spec, call).await.map(Streamed::whole) })
    }

    /// This version was deployed, and is likely to be called soon: what can be made ready for that may be.
    fn expect(&self, _spec: &Arc<FunctionSpec>) {}

    /// Keeps `count` instances of this version started ahead from now on; 0: none. Instances of another revision of
    /// the version are replaced.
    fn provision(&self, spec: &Arc<FunctionSpec>, count: u32);

    /// How far [`Self::provision`] has come, on this node.
    fn provisioned(&self, spec: &FunctionSpec) -> Provisioned;

    /// Lets debuggers into this version, or a later one of the same number, from now on. It has one instance meanwhile, and
    /// as much time as it takes.
    fn debug<'a>(
        &'a self,
        spec: &'a Arc<FunctionSpec>,
        _how: DebugHow,
    ) -> BoxFuture<'a, Result<Debugging, RunnerRefusal>> {
        let why = format!("{} can't be debugged here", spec.name);
        Box::pin(std::future::ready(Err(RunnerRefusal::Unavailable(why))))
    }

    /// Ends the idle instances of a function whose version was deleted or replaced; busy ones end after their call.
    fn retire<'a>(&'a self, account: &'a AccountId, region: &'a Region, name: &'a str) -> BoxFuture<'a, ()>;

    /// Checks a package before it is accepted: format, paths, sizes.
    /// Returns the unpacked size in bytes.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence.
    fn check_code(&self, zip: &[u8]) -> Result<u64, RunnerRefusal>;
}
