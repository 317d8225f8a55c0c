//! What timers do: clearing what is left of deleted buckets, applying lifecycle rules, telling of what is restored, and
//! delivering access logs.

use std::sync::{Arc, Weak};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use updraft_kernel::{AccountId, AwsError, BoxFuture, UnixMillis};
use updraft_store::{KeyRange, Row, ScanOptions, Tx, decode_row, encode_row};
use updraft_timers::{FireError, Schedule, Timer, TimerOwner, Timers};

use crate::keys::Numbered;
use crate::lifecycle::{Progress, Whose};
use crate::objects::readers::{Left, forget};
use crate::restores::{self, Restored};
use crate::{S3, accesses, lifecycle};

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
    /// Clearing the parts of an object that is gone, once nobody reads them.
    Forget { account: AccountId, number: u64, upload: String },
    /// Delivering what was logged of a bucket.
    Accesses(Whose),
}

/// How long the parts of an object stay that is gone: whoever reads them on another node has so much time.
const GRACE: Duration = Duration::from_mins(15);

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
            Self::Forget { account, number, upload } => format!("forget/{account}/{number}/{upload}"),
            Self::Accesses(whose) => format!("accesses/{}/{}", whose.account, whose.number),
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

/// Clears the parts of an object that is gone when the transaction commits, once nobody reads them.
///
/// # Errors
/// If the store fails.
pub(crate) async fn forget_later(svc: &S3, tx: &mut Tx, bucket: Numbered<'_>, upload: &str) -> Result<(), AwsError> {
    let (account, number, upload) = (bucket.account.clone(), bucket.number, upload.to_owned());
    let task = Task::Forget { account, number, upload };
    later(&svc.parts.timers, tx, &task, svc.parts.clock.now().plus(GRACE)).await
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
            Self::Accesses(whose) => accesses::begin(svc, tx, whose, now).await.map(|()| None),
            Self::Forget { account, number, upload } => {
                let left = forget(svc, tx, Numbered { account, number: *number }, upload).await?;
                Ok(match left {
                    Left::Nothing => None,
                    Left::More => Some((now, self)),
                    Left::All => Some((now.plus(GRACE), self)),
                })
            }
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
