//! Sources of events that Lambda polls: queues and streams. Implemented by the services that own them, one for each
//! service in an ARN; used by `services/lambda`, which owns the mappings from sources to functions.
//!
//! Whoever polls calls the function as [`FunctionPort`](super::FunctionPort) says, and tells how that goes by
//! [`MappingsPort`].

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::error::AwsError;
use crate::{AccountId, Arn, BoxFuture, Ctx, Region, UnixMillis};

/// Where a stream is read from at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartingPosition {
    /// The oldest record there is.
    TrimHorizon,
    /// What comes after the mapping was made.
    Latest,
    At(UnixMillis),
}

/// How streams are read; queues know none of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamReading {
    pub from: StartingPosition,
    /// Batches of one shard that are at work at the same time.
    pub parallel: u32,
    /// A batch that fails is halved.
    pub bisect: bool,
    /// Records older than this are given up; `None`: never.
    pub max_age: Option<Duration>,
    /// How often a batch is tried again; `None`: until it is too old.
    pub max_retries: Option<u32>,
    /// Windows of so long are summed up; `None`: none are.
    pub tumbling: Option<Duration>,
    /// Where it is told what was given up: an ARN.
    pub on_failure: Option<String>,
}

/// One mapping, as whoever polls needs to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    pub uuid: String,
    /// Changes with each update.
    pub revision: u64,
    pub account: AccountId,
    pub region: Region,
    pub source: Arn,
    /// With the qualifier that was named, where there was one.
    pub function: Arn,
    /// Records of a batch at most.
    pub batch: u32,
    /// How long records are gathered at most.
    pub window: Duration,
    /// Patterns in JSON, of which a record must match one; none: every record is taken.
    pub filters: Vec<String>,
    /// The function says which records of a batch failed.
    pub reports_failures: bool,
    /// Calls at the same time at most.
    pub max_concurrency: Option<u32>,
    /// Its records are counted in metrics of its own.
    pub counts: bool,
    /// Of streams only.
    pub stream: Option<StreamReading>,
}

/// What is asked before there is a mapping.
#[derive(Clone, Debug)]
pub struct Source<'a> {
    pub arn: &'a Arn,
    /// Of the function.
    pub role: &'a Arn,
    /// The function's: a queue must hide messages for longer.
    pub timeout: Duration,
}

pub trait EventSourcePort: Send + Sync + fmt::Debug {
    /// Whether the source is there and can be polled for the function.
    ///
    /// # Errors
    /// In AWS's words, with the code that Lambda answers, if not.
    fn check<'a>(&'a self, cx: &'a Ctx, source: Source<'a>) -> BoxFuture<'a, Result<(), AwsError>>;

    /// Polls from now on as the mapping says, instead of as an earlier revision of it said. Called on every node for
    /// every mapping that is enabled, at start and after each change; which node does what is the source's to decide.
    ///
    /// # Errors
    /// What the mapping's `LastProcessingResult` is to say.
    fn begin<'a>(&'a self, mapping: &'a Arc<Mapping>) -> BoxFuture<'a, Result<(), String>>;

    /// No longer polls. Batches at work go on; nobody waits for them.
    fn stop<'a>(&'a self, uuid: &'a str) -> BoxFuture<'a, ()>;
}

/// Records of a stream that nobody has dealt with, and nobody will.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenUp {
    pub shard: String,
    /// Sequence number and moment of the first and of the last of them.
    pub first: (String, UnixMillis),
    pub last: (String, UnixMillis),
    pub count: usize,
    /// As the function would get them.
    pub event: Bytes,
    /// Why, in AWS's words.
    pub condition: &'static str,
    /// How often the function was called with just these.
    pub invoked: u32,
    /// Of the last of these calls.
    pub request_id: String,
    /// The version that ran and how it failed, if it did; `None`: it was never called with them.
    pub response: Option<(String, Option<&'static str>)>,
}

/// Implemented by `services/lambda` and whoever else has something polled; used by sources.
pub trait MappingsPort: Send + Sync + fmt::Debug {
    /// What the mapping's `LastProcessingResult` says from now on: `OK`, `No records processed`, `PROBLEM: …`.
    fn processed<'a>(&'a self, mapping: &'a Mapping, result: &'a str) -> BoxFuture<'a, Result<(), AwsError>>;

    /// Tells where that is to be told, durably, once this answers. The same records may be given up again after a crash.
    fn given_up<'a>(&'a self, mapping: &'a Mapping, what: GivenUp) -> BoxFuture<'a, Result<(), AwsError>> {
        let _ = (mapping, what);
        Box::pin(std::future::ready(Ok(())))
    }
}
