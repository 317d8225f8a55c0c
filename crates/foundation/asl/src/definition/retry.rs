//! `Retry` and `Catch`.

use super::{Assign, Name, Place};
use crate::lang::Template;

/// What happens when a state fails.
#[derive(Clone, Debug, Default)]
pub struct Handling {
    pub retry: Vec<Retrier>,
    pub catch: Vec<Catcher>,
}

/// Tries again.
#[derive(Clone, Debug)]
pub struct Retrier {
    pub errors: Vec<String>,
    /// Seconds before the first.
    pub interval: u64,
    pub most: u32,
    pub rate: f64,
    pub max_delay: Option<u64>,
    /// `JitterStrategy: FULL`.
    pub jitter: bool,
}

impl Retrier {
    /// Seconds until the `n`-th retry, counted from 0, without jitter.
    pub fn delay(&self, n: u32) -> f64 {
        let exponent = i32::try_from(n).unwrap_or(i32::MAX);
        #[expect(clippy::cast_precision_loss, reason = "at most 99,999,999, and at most 31,622,400")]
        let (interval, most) = (self.interval as f64, self.max_delay.map_or(f64::INFINITY, |most| most as f64));
        (interval * self.rate.powi(exponent)).min(most).min(LONGEST)
    }
}

/// A year: no execution lives longer.
const LONGEST: f64 = 31_536_000.0;

/// Goes on elsewhere.
#[derive(Clone, Debug)]
pub struct Catcher {
    pub errors: Vec<String>,
    pub next: Name,
    /// `ResultPath`, of JSONPath.
    pub result: Place,
    /// `Output`, of JSONata.
    pub output: Option<Template>,
    pub assign: Assign,
}

/// Whether one of these names takes in the error.
///
/// AWS: `States.ALL` doesn't take in `States.Runtime`; it does take in `States.DataLimitExceeded`, against the documentation.
/// `States.TaskFailed` takes in what a task failed with but `States.Timeout`.
pub fn takes_in(names: &[String], error: &str, of_a_task: bool) -> bool {
    names.iter().any(|name| match name.as_str() {
        "States.ALL" => error != "States.Runtime",
        "States.TaskFailed" => of_a_task && error != "States.Timeout" || error == "States.TaskFailed",
        "States.Timeout" => matches!(error, "States.Timeout" | "States.HeartbeatTimeout"),
        name => name == error,
    })
}
