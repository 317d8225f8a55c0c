//! What a timer does: deleting what is older than its group keeps.

use std::fmt;

use serde::{Deserialize, Serialize};
use updraft_kernel::{AccountId, BoxFuture, Region, UnixMillis};
use updraft_store::{Row, ScanOptions, StoreError, Tx, decode_row, encode_row};
use updraft_timers::{FireError, Schedule, Timer, TimerOwner, Timers};

use crate::groups::DAY;
use crate::keys::{GroupKey, TimeKey, minute};

pub(crate) const OWNER: &str = "logs";

/// Chunks deleted in one transaction.
const PORTION: usize = 500;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Payload {
    account: String,
    region: String,
    group: String,
}

impl Row for Payload {
    const VERSION: u8 = 1;
}

/// Looks after a group that doesn't keep everything, from `due` on.
///
/// # Errors
/// Only if its names can't be encoded.
pub(crate) fn schedule(group: GroupKey<'_>, due: UnixMillis) -> Result<Schedule, StoreError> {
    let GroupKey { account, region, group } = group;
    let payload = Payload { account: account.to_string(), region: region.to_string(), group: group.to_owned() };
    let id = format!("{account}/{region}/{group}");
    Ok(Schedule { owner: OWNER, id, due, payload: encode_row(&payload)?.to_vec() })
}

/// Called by the wheel.
pub(crate) struct Wakes {
    pub(crate) timers: Timers,
}

impl TimerOwner for Wakes {
    fn fire<'a>(&'a self, tx: &'a mut Tx, timer: &'a Timer, now: UnixMillis) -> BoxFuture<'a, Result<(), FireError>> {
        Box::pin(async move {
            let Payload { account, region, group } = decode_row(timer.id.as_bytes(), &timer.payload)?;
            let (Ok(account), Ok(region)) = (AccountId::parse(&account), Region::parse(&region)) else {
                return Err(FireError::Other("its account or region is none".to_owned()));
            };
            let group = GroupKey { account: &account, region: &region, group: &group };
            if let Some(due) = expire(tx, group, now).await? {
                self.timers.schedule(tx, schedule(group, due)?).await?;
            }
            Ok(())
        })
    }
}

/// A step; when there may be more to do.
async fn expire(tx: &mut Tx, key: GroupKey<'_>, now: UnixMillis) -> Result<Option<UnixMillis>, StoreError> {
    let Some(days) = tx.row(&key).await?.and_then(|group| group.retention) else { return Ok(None) };
    // Whole minutes that are too old to the end.
    let until = minute(now.0 - i64::from(days) * DAY);
    let page = tx.rows::<TimeKey>(key.times_between(i64::MIN, until), ScanOptions::limit(PORTION)).await?;
    for (time, _) in &page.rows {
        tx.raw().delete(time.clone());
        if let Some((_, chunk)) = key.timed(time) {
            tx.delete_row(&chunk);
        }
    }
    Ok(Some(if page.more { now } else { UnixMillis(now.0 + DAY) }))
}

impl fmt::Debug for Wakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wakes").finish_non_exhaustive()
    }
}
