//! When to try again and when to give up. Pure.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use updraft_kernel::UnixMillis;

use crate::delivery::{Delivery, Verdict};

/// How long and how often a delivery is tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryPolicy {
    /// Attempts altogether; 1 is never to try again.
    pub max_attempts: u32,
    /// Since it was enqueued.
    pub max_age: Duration,
    pub backoff: Backoff,
}

impl Default for RetryPolicy {
    /// What most of AWS's own deliveries do: 185 attempts over 24 hours.
    fn default() -> Self {
        let backoff =
            Backoff::Exponential { min: Duration::from_secs(1), max: Duration::from_secs(600), jitter_percent: 25 };
        Self { max_attempts: 185, max_age: Duration::from_secs(24 * 3600), backoff }
    }
}

/// The pause after an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Backoff {
    /// `min`, doubled with each attempt up to `max`, then shortened by up to `jitter_percent`.
    Exponential { min: Duration, max: Duration, jitter_percent: u8 },
    /// One pause after the other; the last one repeats.
    Schedule(Vec<Duration>),
    /// Always the same, shortened by up to `jitter_percent`.
    Fixed { pause: Duration, jitter_percent: u8 },
}

impl Backoff {
    /// The pause after attempt number `attempt` (from 1). `dice` is uniform in 0..=100.
    #[must_use]
    pub fn pause(&self, attempt: u32, dice: u32) -> Duration {
        match self {
            Self::Exponential { min, max, jitter_percent } => {
                let doublings = attempt.saturating_sub(1).min(31);
                shortened(min.saturating_mul(1 << doublings).min(*max), *jitter_percent, dice)
            }
            Self::Schedule(pauses) => {
                let nth = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
                pauses.get(nth).or(pauses.last()).copied().unwrap_or_default()
            }
            Self::Fixed { pause, jitter_percent } => shortened(*pause, *jitter_percent, dice),
        }
    }
}

/// By `dice` hundredths of `percent`.
fn shortened(full: Duration, percent: u8, dice: u32) -> Duration {
    full - full / 10_000 * u32::from(percent.min(100)) * dice.min(100)
}

/// How far a delivery has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) enqueued: UnixMillis,
    /// Counted attempts, the one just made included.
    pub(crate) attempts: u32,
    /// How often the target was busy since the last that counted, this time not included.
    pub(crate) busy: u32,
}

/// What is to be done with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Remove,
    /// Remove it and put these in.
    Follow(Vec<Delivery>),
    TryAt {
        at: UnixMillis,
        attempts: u32,
        busy: u32,
        reason: String,
    },
    GiveUp {
        attempts: u32,
        reason: String,
    },
}

impl RetryPolicy {
    /// Whether it is too late for an attempt.
    pub(crate) fn is_expired(&self, enqueued: UnixMillis, now: UnixMillis) -> bool {
        now.since(enqueued) > self.max_age
    }

    /// `dice` is uniform in 0..=100.
    pub(crate) fn next(&self, progress: Progress, verdict: Verdict, now: UnixMillis, dice: u32) -> Next {
        let Progress { enqueued, attempts, busy } = progress;
        let (at, reason, counted, busy) = match verdict {
            Verdict::Done => return Next::Remove,
            Verdict::Then(deliveries) => return Next::Follow(deliveries),
            Verdict::Fail(reason) => return Next::GiveUp { attempts, reason },
            Verdict::Retry { reason, after } => {
                let pause = after.unwrap_or_else(|| self.backoff.pause(attempts, dice));
                (now.plus(pause), reason, attempts, 0)
            }
            Verdict::Busy { reason, after } => {
                (now.plus(after), reason, attempts.saturating_sub(1), busy.saturating_add(1))
            }
        };
        if counted >= self.max_attempts || self.is_expired(enqueued, at) {
            return Next::GiveUp { attempts: counted, reason };
        }
        Next::TryAt { at, attempts: counted, busy, reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: Duration = Duration::from_secs(1);

    fn policy(max_attempts: u32, max_age: Duration) -> RetryPolicy {
        RetryPolicy { max_attempts, max_age, backoff: Backoff::Schedule(vec![S, S * 10]) }
    }

    fn retry() -> Verdict {
        Verdict::Retry { reason: "no".into(), after: None }
    }

    fn next(policy: &RetryPolicy, attempts: u32, verdict: Verdict) -> Next {
        policy.next(Progress { enqueued: UnixMillis(0), attempts, busy: 2 }, verdict, UnixMillis(5_000), 0)
    }

    fn try_at(at: i64, attempts: u32, busy: u32, reason: &str) -> Next {
        Next::TryAt { at: UnixMillis(at), attempts, busy, reason: reason.into() }
    }

    #[test]
    fn pauses_double_up_to_the_most_and_jitter_shortens_them() {
        let backoff = Backoff::Exponential { min: S, max: S * 60, jitter_percent: 50 };
        let pauses: Vec<_> = (1..=8).map(|n| backoff.pause(n, 0).as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(backoff.pause(4, 100), S * 4);
        assert_eq!(backoff.pause(u32::MAX, 0), S * 60);
        assert_eq!(Backoff::Schedule(vec![]).pause(1, 0), Duration::ZERO);
        let fixed = Backoff::Fixed { pause: S * 10, jitter_percent: 100 };
        assert_eq!([0, 50, 100, 999].map(|dice| fixed.pause(7, dice)), [S * 10, S * 5, Duration::ZERO, Duration::ZERO]);
    }

    #[test]
    fn it_is_given_up_after_the_last_attempt_and_past_its_age() {
        let patient = policy(3, S * 1000);
        assert_eq!(next(&patient, 2, retry()), try_at(15_000, 2, 0, "no"));
        assert_eq!(next(&patient, 3, retry()), Next::GiveUp { attempts: 3, reason: "no".into() });
        assert_eq!(next(&policy(3, S * 15), 2, retry()), try_at(15_000, 2, 0, "no"));
        let hasty = policy(3, S * 15 - Duration::from_millis(1));
        assert_eq!(next(&hasty, 2, retry()), Next::GiveUp { attempts: 2, reason: "no".into() });
    }

    #[test]
    fn a_busy_target_costs_no_attempt_and_a_hopeless_one_no_patience() {
        let policy = policy(1, S * 1000);
        let busy = Verdict::Busy { reason: "full".into(), after: S };
        assert_eq!(next(&policy, 1, busy), try_at(6_000, 0, 3, "full"));
        assert_eq!(next(&policy, 1, Verdict::Fail("x".into())), Next::GiveUp { attempts: 1, reason: "x".into() });
        assert_eq!(next(&policy, 1, Verdict::Done), Next::Remove);
        assert_eq!(next(&policy, 9, Verdict::Then(vec![])), Next::Follow(vec![]));
    }
}
