//! When the function is invoked.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use updraft_delivery::{Backoff, Delivery, RetryPolicy};
use updraft_kernel::{AccountId, AwsError, Region};
use updraft_store::{Row, encode_row};

use super::attempt::INVOCATIONS;
use super::rows::{Phase, Status};
use super::timers::What;
use super::work::Work;

/// AWS: invocations that fail are made again, with pauses that grow, for as long as the execution may take. The
/// longest pause isn't documented.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);

/// What a delivery says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DueRow {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) id: String,
    /// Of the invocation, or of the operation that calls.
    pub(crate) number: u64,
}

impl Row for DueRow {
    const VERSION: u8 = 1;
}

/// 1 s after the first failure, doubled with each further one.
pub(crate) fn pause_after(failures: u32) -> Duration {
    Duration::from_secs(1).saturating_mul(1 << failures.saturating_sub(1).min(16)).min(LONGEST_PAUSE)
}

impl Work<'_> {
    /// Has the function invoked, since there is something new for it: now, or after the invocation that is under way,
    /// or when the execution isn't paused any more.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) async fn wake(&mut self) -> Result<(), AwsError> {
        match (self.row.status, &self.row.turn.phase) {
            (Status::Paused, _) => {
                if let Some(pause) = &mut self.row.pause {
                    pause.owes = true;
                }
                Ok(())
            }
            (Status::Running, Phase::Idle) => self.invoke().await,
            // One that is to come sees everything; whether one is needed after the one under way is asked at its end.
            _ => Ok(()),
        }
    }

    /// Another invocation, as soon as a worker comes to it.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) async fn invoke(&mut self) -> Result<(), AwsError> {
        let turn = &mut self.row.turn;
        turn.number += 1;
        (turn.attempt, turn.checkpoints, turn.phase) = (0, 0, Phase::Due);
        let number = turn.number;
        self.deliver(INVOCATIONS, format!("{}/{number}", self.id.id), number).await
    }

    /// Another invocation, after a pause.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) async fn invoke_later(&mut self, pause: Duration) -> Result<(), AwsError> {
        self.row.turn.phase = Phase::Backoff;
        let at = self.now.plus(pause);
        self.wait(What::Invoke, at).await
    }

    /// # Errors
    /// If the store fails.
    pub(crate) async fn deliver(&mut self, kind: &str, id: String, number: u64) -> Result<(), AwsError> {
        let (account, region) = (self.id.account.clone(), self.id.region.clone());
        let due = DueRow { account, region, id: self.id.id.clone(), number };
        let delivery = Delivery {
            id,
            kind: kind.to_owned(),
            target: self.id.function_arn(&self.row).to_string(),
            ordering_key: None,
            payload: encode_row(&due)?.to_vec(),
            policy: patient(),
            dead_letter: None,
            failure: None,
            dedup_for: None,
        };
        self.svc.outbox.enqueue(self.tx, delivery).await?;
        Ok(())
    }
}

/// As long as any execution may take, and longer: the execution's own time limit is what ends it.
pub(crate) fn patient() -> RetryPolicy {
    let backoff = Backoff::Exponential { min: Duration::from_secs(1), max: LONGEST_PAUSE, jitter_percent: 25 };
    RetryPolicy { max_attempts: u32::MAX, max_age: Duration::from_hours(24 * 800), backoff }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_five_minutes() {
        let secs: Vec<u64> = [1, 2, 3, 9, 10, u32::MAX].map(|n| pause_after(n).as_secs()).to_vec();
        assert_eq!(secs, [1, 2, 4, 256, 300, 300]);
    }
}
