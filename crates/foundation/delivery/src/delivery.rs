//! What is delivered, to whom, and what they say to it.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use updraft_kernel::{BoxFuture, UnixMillis};

use crate::policy::RetryPolicy;

/// One thing to be carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Unique; the same over all attempts.
    pub id: String,
    /// Which registered [`Target`] carries it out.
    pub kind: String,
    /// Whom it is for, in the target's own words: mostly an ARN. A slow one doesn't delay others.
    pub target: String,
    /// Deliveries of one kind, target and key are carried out one after the other, in the order of their commits.
    /// `None`: as they come, several at once.
    pub ordering_key: Option<String>,
    /// The target's, uninterpreted. 16 MiB at most.
    pub payload: Vec<u8>,
    pub policy: RetryPolicy,
    /// Where it goes when it is given up; `None`: nowhere.
    pub dead_letter: Option<DeadLetter>,
    /// What went before, if this is a dead letter.
    pub failure: Option<Failure>,
    /// For how long its id is remembered once it was delivered, so that another of that id isn't. `None`: an id is
    /// known only while its delivery is there.
    pub dedup_for: Option<Duration>,
}

/// Another kind and target, which gets the same payload with a [`Failure`] beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetter {
    pub kind: String,
    pub target: String,
}

/// Why a delivery was given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Whose delivery it was.
    pub kind: String,
    pub target: String,
    pub attempts: u32,
    pub reason: String,
}

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Done,
    /// It has come to its end, however that was, and these follow from it: they are put in by the transaction that takes
    /// it out. One whose id is there already isn't put in again.
    Then(Vec<Delivery>),
    /// It failed and may succeed later. `after` overrides the policy's backoff.
    Retry {
        reason: String,
        after: Option<Duration>,
    },
    /// The target had no room for it: tried again without counting as an attempt. The age limit holds.
    Busy {
        reason: String,
        after: Duration,
    },
    /// It will never succeed.
    Fail(String),
}

/// Which attempt it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The first is 1. Those that found the target [`Busy`](Verdict::Busy) don't count.
    pub number: u32,
    /// How often the target was busy since the last attempt that counted.
    pub busy: u32,
    pub enqueued: UnixMillis,
}

/// Carries out the deliveries of one kind.
pub trait Target: Send + Sync + fmt::Debug {
    /// One attempt. It is repeated after a crash, so it must be harmless to do twice, or tell repetitions by the id.
    /// Dropped without an answer when the platform stops.
    fn deliver<'a>(&'a self, delivery: &'a Delivery, attempt: Attempt) -> BoxFuture<'a, Verdict>;

    /// How many deliveries may be under way to one target at once. Those of different ordering keys count together
    /// where the same worker carries them out.
    fn concurrency(&self) -> usize {
        16
    }

    /// How long (in real time) an answer is waited for. An attempt that takes longer has failed: it is dropped, and
    /// tried again as the policy says.
    fn patience(&self) -> Duration {
        Duration::from_secs(20 * 60)
    }
}
