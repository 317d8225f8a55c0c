//! What expressions are evaluated against, and within which bounds.

use std::time::Duration;

use serde_json::Value;
use updraft_kernel::{Rng, UnixMillis};

use crate::states::Variables;

/// What an expression sees.
#[derive(Clone, Copy, Debug)]
pub struct Bindings<'a> {
    /// `$states`: an object with `input`, `context`, and `result` or `errorOutput` where there is one.
    pub states: &'a Value,
    /// The workflow's.
    pub variables: &'a dyn Variables,
    /// Where `$random`, `$uuid` and `$shuffle` take from.
    pub rng: &'a dyn Rng,
    /// What `$now` and `$millis` say.
    pub now: UnixMillis,
    pub limits: Limits,
}

/// How much an evaluation may take. One that takes more fails with `States.QueryEvaluationError`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long it may compute: real time, whatever the platform's clock says, since it bounds work and not waiting.
    pub time: Duration,
    /// How deeply evaluations may be nested; a call of a function takes about three.
    pub depth: usize,
    /// How many items a list that is made on the way may have.
    pub items: usize,
    /// How long a text that is made on the way may be, and about how large a result, in bytes.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(5), depth: 3_000, items: 1_000_000, bytes: 8 << 20 }
    }
}
