//! What timers do: deleting what a queue held, bit by bit, and letting its name be used again.

use std::fmt;

use serde::{Deserialize, Serialize};
use updraft_kernel::{AccountId, BoxFuture, Region, UnixMillis};
use updraft_store::{Row, ScanOptions, StoreError, Tx, decode_row, encode_row};
use updraft_timers::{FireError, Schedule, Timer, TimerOwner, Timers};

use crate::keys;
use crate::queue_url::QueueName;

pub(crate) const OWNER: &str = "sqs-queues";

/// AWS: how long a deleted queue's name can't be used, in milliseconds.
pub(crate) const NAME_PAUSE: i64 = 60_000;

/// Rows deleted in one transaction.
const PORTION: usize = 500;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Job {
    /// The queue of this number is gone; what it held is to go.
    Clear(u64),
    /// The name can be used again.
    Free(String),
}

/// On disks, as a timer's payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Payload {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) job: Job,
}

impl Row for Payload {
    const VERSION: u8 = 1;
}

/// # Errors
/// Only if its names can't be encoded.
pub(crate) fn schedule(
    account: &AccountId,
    region: &Region,
    job: Job,
    due: UnixMillis,
) -> Result<Schedule, StoreError> {
    let id = match &job {
        Job::Clear(number) => format!("{account}/{region}/clear/{number}"),
        Job::Free(name) => format!("{account}/{region}/free/{name}"),
    };
    let payload = Payload { account: account.to_string(), region: region.to_string(), job };
    Ok(Schedule { owner: OWNER, id, due, payload: encode_row(&payload)?.to_vec() })
}

/// Called by the wheel.
pub(crate) struct Wakes {
    pub(crate) timers: Timers,
}

impl TimerOwner for Wakes {
    fn fire<'a>(&'a self, tx: &'a mut Tx, timer: &'a Timer, now: UnixMillis) -> BoxFuture<'a, Result<(), FireError>> {
        Box::pin(async move {
            let Payload { account, region, job } = decode_row(timer.id.as_bytes(), &timer.payload)?;
            let (Ok(account), Ok(region)) = (AccountId::parse(&account), Region::parse(&region)) else {
                return Err(FireError::Other("its account or region is none".to_owned()));
            };
            match job {
                Job::Clear(number) => {
                    if clear(tx, &account, &region, number).await? {
                        self.timers.schedule(tx, schedule(&account, &region, job, now)?).await?;
                    }
                }
                Job::Free(name) => tx.delete_row(&QueueName { account, region, name }.key().deleted()),
            }
            Ok(())
        })
    }
}

/// Deletes some of what a queue held; whether there may be more.
async fn clear(tx: &mut Tx, account: &AccountId, region: &Region, number: u64) -> Result<bool, StoreError> {
    let range = keys::held(account, region, number).prefix_range();
    let page = tx.raw().scan(range, ScanOptions::limit(PORTION)).await?;
    for (key, _) in &page.rows {
        tx.raw().delete(key.clone());
    }
    Ok(page.more)
}

impl fmt::Debug for Wakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wakes").finish_non_exhaustive()
    }
}
