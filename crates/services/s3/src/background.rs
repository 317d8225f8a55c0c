//! What timers do: clearing what is left of deleted buckets, applying lifecycle rules, and telling of what is restored.

use std::sync::{Arc, Weak};

use serde::{Deserialize, Serialize};
use updraft_kernel::{AccountId, AwsError, BoxFuture, UnixMillis};
use updraft_store::{KeyRange, Row, ScanOptions, Tx, decode_row, encode_row};
use updraft_timers::{FireError, Schedule, Timer, TimerOwner, Timers};

use crate::keys::Numbered;
use crate::lifecycle::{Progress, Whose};
use crate::restores::{self, Restored};
use crate::{S3, lifecycle};

const OWNER: &str = "s3";

/// Rows deleted in one transaction.
const PORTION: usize = 500;

/// What is to be done. Kinds are added at the end: their places are in what is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Task {
    /// Clearing what a deleted bucket left.
    Clear { account: AccountId, number: u64 },
    /// Applying the rules of a bucket.
    Lifecycle { whose: Whose, progress: Progress },
    /// Telling that an archived object can be read, or can't any more.
    Restored(Restored),
}

impl Row for Task {
    const VERSION: u8 = 1;
}

impl Task {
    fn id(&self) -> String {
        match self {
            Self::Clear { account, number } => format!("clear/{account}/{number}"),
            Self::Lifecycle { whose, .. } => format!("lifecycle/{}/{}", whose.account, whose.number),
            Self::Restored(Restored { whose, key, order }) => {
                format!("restored/{}/{}/{order}/{key}", whose.account, whose.number)
            }
        }
    }
}

/// Does it then, when the transaction commits; instead of what is to be done under its id.
///
/// # Errors
/// If the store fails.
pub(crate) async fn later(timers: &Timers, tx: &mut Tx, task: &Task, due: UnixMillis) -> Result<(), AwsError> {
    let payload = encode_row(task)?.to_vec();
    Ok(timers.schedule(tx, Schedule { owner: OWNER, id: task.id(), due, payload }).await?)
}

/// Doesn't do it, when the transaction commits.
///
/// # Errors
/// If the store fails.
pub(crate) async fn never(timers: &Timers, tx: &mut Tx, task: &Task) -> Result<(), AwsError> {
    timers.cancel(tx, OWNER, &task.id()).await?;
    Ok(())
}

/// Called by the wheel. Knows the service weakly, for the service owns the wheel that owns this.
#[derive(Debug)]
struct Wakes(Weak<S3>);

pub(crate) fn register(service: &Arc<S3>) {
    service.parts.timers.register(OWNER, Arc::new(Wakes(Arc::downgrade(service))));
}

/// Begins when the transaction commits.
///
/// # Errors
/// If the store fails.
pub(crate) async fn clear_later(svc: &S3, tx: &mut Tx, bucket: Numbered<'_>) -> Result<(), AwsError> {
    let task = Task::Clear { account: bucket.account.clone(), number: bucket.number };
    later(&svc.parts.timers, tx, &task, svc.parts.clock.now()).await
}

impl TimerOwner for Wakes {
    fn fire<'a>(&'a self, tx: &'a mut Tx, timer: &'a Timer, now: UnixMillis) -> BoxFuture<'a, Result<(), FireError>> {
        Box::pin(async move {
            let service = self.0.upgrade().ok_or_else(|| FireError::Other("the platform is stopping".to_owned()))?;
            let task: Task = decode_row(timer.id.as_bytes(), &timer.payload)?;
            if let Some((due, task)) = task.run(&service, tx, now).await? {
                later(&service.parts.timers, tx, &task, due).await?;
            }
            Ok(())
        })
    }
}

impl Task {
    /// What there is to do next, and when.
    async fn run(self, svc: &S3, tx: &mut Tx, now: UnixMillis) -> Result<Option<(UnixMillis, Self)>, AwsError> {
        match &self {
            Self::Clear { account, number } => {
                let mut more = false;
                for range in (Numbered { account, number: *number }).leftovers() {
                    more |= clear(tx, range).await?;
                }
                Ok(more.then_some((now, self)))
            }
            Self::Lifecycle { whose, progress } => {
                let next = lifecycle::run(svc, tx, (whose, progress), now).await?;
                Ok(next.map(|(due, progress)| (due, Self::Lifecycle { whose: whose.clone(), progress })))
            }
            Self::Restored(restored) => Ok(restores::run(svc, tx, restored, now).await?.map(|due| (due, self))),
        }
    }
}

async fn clear(tx: &mut Tx, range: KeyRange) -> Result<bool, AwsError> {
    let page = tx.raw().scan(range, ScanOptions::limit(PORTION)).await?;
    for (key, _) in page.rows {
        tx.raw().delete(key);
    }
    Ok(page.more)
}
