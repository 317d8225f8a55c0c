//! What timers do: clearing what is left of deleted buckets.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use updraft_kernel::{AccountId, AwsError, BoxFuture, UnixMillis};
use updraft_store::{KeyRange, Row, ScanOptions, Tx, decode_row, encode_row};
use updraft_timers::{FireError, Schedule, Timer, TimerOwner, Timers};

use crate::S3;
use crate::keys::Numbered;

const OWNER: &str = "s3";

/// Rows deleted in one transaction.
const PORTION: usize = 500;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Task {
    /// Clearing what a deleted bucket left.
    Clear { account: AccountId, number: u64 },
}

impl Row for Task {
    const VERSION: u8 = 1;
}

impl Task {
    fn schedule(&self, due: UnixMillis) -> Result<Schedule, AwsError> {
        let Self::Clear { account, number } = self;
        let id = format!("clear/{account}/{number}");
        Ok(Schedule { owner: OWNER, id, due, payload: encode_row(self)?.to_vec() })
    }
}

/// Called by the wheel.
#[derive(Debug)]
struct Wakes {
    timers: Timers,
}

pub(crate) fn register(service: &Arc<S3>) {
    let timers = service.parts.timers.clone();
    service.parts.timers.register(OWNER, Arc::new(Wakes { timers }));
}

/// Begins when the transaction commits.
///
/// # Errors
/// If the store fails.
pub(crate) async fn clear_later(svc: &S3, tx: &mut Tx, bucket: Numbered<'_>) -> Result<(), AwsError> {
    let task = Task::Clear { account: bucket.account.clone(), number: bucket.number };
    Ok(svc.parts.timers.schedule(tx, task.schedule(svc.parts.clock.now())?).await?)
}

impl TimerOwner for Wakes {
    fn fire<'a>(&'a self, tx: &'a mut Tx, timer: &'a Timer, now: UnixMillis) -> BoxFuture<'a, Result<(), FireError>> {
        Box::pin(async move {
            let task: Task = decode_row(timer.id.as_bytes(), &timer.payload)?;
            if task.run(tx).await? {
                self.timers.schedule(tx, task.schedule(now)?).await?;
            }
            Ok(())
        })
    }
}

impl Task {
    /// Whether there is more to do.
    async fn run(&self, tx: &mut Tx) -> Result<bool, AwsError> {
        let Self::Clear { account, number } = self;
        let mut more = false;
        for range in (Numbered { account, number: *number }).leftovers() {
            more |= clear(tx, range).await?;
        }
        Ok(more)
    }
}

async fn clear(tx: &mut Tx, range: KeyRange) -> Result<bool, AwsError> {
    let page = tx.raw().scan(range, ScanOptions::limit(PORTION)).await?;
    for (key, _) in page.rows {
        tx.raw().delete(key);
    }
    Ok(page.more)
}
