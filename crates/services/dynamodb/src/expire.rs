//! Deleting items that have expired: by one timer for each table whose items may.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use updraft_kernel::{AccountId, BoxFuture, Region, UnixMillis};
use updraft_store::{Row, ScanOptions, StoreError, Tx, decode_row, encode_row};
use updraft_timers::{FireError, Schedule, Timer, TimerOwner, Timers};

use crate::keys::{Rows, Scope, TableKey, expiry_in};
use crate::model::expiry;
use crate::model::key::PrimaryKey;
use crate::model::table::Table;
use crate::model::write::{Change, Write};
use crate::table::{self, Session, Stop};

pub(crate) const OWNER: &str = "dynamodb expiry";

/// Items deleted in one transaction.
const PORTION: usize = 50;
/// AWS: what has expired goes within days, not at once. Here after so long at most, since nobody tells the timer of an
/// item that expires before the one it waits for.
const ROUND: Duration = Duration::from_secs(3600);
/// Between two rounds that have something to do.
const REST: Duration = Duration::from_secs(60);

/// On disks, as a timer's payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Task {
    account: AccountId,
    region: Region,
    table: String,
    id: u64,
}

impl Row for Task {
    const VERSION: u8 = 1;
}

/// From now on items of this table may expire.
pub(crate) async fn begin(
    tx: &mut Tx,
    timers: &Timers,
    scope: &Scope,
    table: &Table,
    now: UnixMillis,
) -> Result<(), StoreError> {
    let (account, region) = (scope.account.clone(), scope.region.clone());
    let task = Task { account, region, table: table.name.clone(), id: table.id };
    next_round(tx, timers, &task, now.plus(REST)).await
}

async fn next_round(tx: &mut Tx, timers: &Timers, task: &Task, due: UnixMillis) -> Result<(), StoreError> {
    let id = format!("{}/{}/{}", task.account, task.region, task.id);
    timers.schedule(tx, Schedule { owner: OWNER, id, due, payload: encode_row(task)?.to_vec() }).await
}

/// Called by the wheel.
#[derive(Debug)]
pub(crate) struct Wakes(pub(crate) Timers);

impl TimerOwner for Wakes {
    fn fire<'a>(&'a self, tx: &'a mut Tx, timer: &'a Timer, now: UnixMillis) -> BoxFuture<'a, Result<(), FireError>> {
        Box::pin(async move {
            let task: Task = decode_row(timer.id.as_bytes(), &timer.payload)?;
            let scope = Scope { account: task.account.clone(), region: task.region.clone() };
            let found = tx.row(&TableKey(&scope, &task.table)).await?.filter(|table| table.id == task.id);
            let Some((table, attribute)) = found.and_then(|table| table.ttl.clone().map(|ttl| (table, ttl))) else {
                return Ok(());
            };
            let due = round(tx, &scope, (&table, &attribute), now).await?;
            Ok(next_round(tx, &self.0, &task, due).await?)
        })
    }
}

/// Deletes what is due; when to look again.
async fn round(
    tx: &mut Tx,
    scope: &Scope,
    (table, attribute): (&Table, &str),
    now: UnixMillis,
) -> Result<UnixMillis, FireError> {
    let rows = table::items(scope, table);
    let options = ScanOptions { head: true, snapshot: true, ..ScanOptions::limit(PORTION) };
    let page = tx.raw().scan(rows.expiries(), options).await?;
    let mut session = Session::expiring(scope, now);
    for (row, _) in page.rows {
        let (at, key) = expiry_in(&row)?;
        if at > now.0.div_euclid(1000) {
            let next = UnixMillis(at.saturating_mul(1000));
            return Ok(next.max(now.plus(REST)).min(now.plus(ROUND)));
        }
        expire(tx, &mut session, &rows, (table, attribute), (at, key)).await?;
    }
    Ok(if page.more { now } else { now.plus(ROUND) })
}

/// The row goes in any case: what it says may be no longer so.
async fn expire(
    tx: &mut Tx,
    session: &mut Session<'_>,
    rows: &Rows<'_>,
    (table, attribute): (&Table, &str),
    (at, key): (i64, PrimaryKey),
) -> Result<(), FireError> {
    tx.raw().delete(rows.expiry(at, &key));
    let Some(item) = table::get(tx, session.scope, table, &key).await? else { return Ok(()) };
    if expiry::of(&item, attribute) != Some(at) || !expiry::is_over(at, session.now) {
        return Ok(());
    }
    let write = Write { key, key_item: table.keys.only(&item), change: Change::Delete, condition: None };
    match table::apply(tx, session, table, &write).await {
        // Nothing is asked of it.
        Ok(_) | Err(Stop::Condition(_)) => Ok(()),
        Err(Stop::Error(err)) => Err(err.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On disks: may never change.
    #[test]
    fn golden_task() {
        let task = Task { account: AccountId::local(), region: Region::default_region(), table: "t".into(), id: 300 };
        let golden = b"\x01\x0c000000000000\tus-east-1\x01t\xac\x02";
        assert_eq!(encode_row(&task).unwrap().escape_ascii().to_string(), golden.escape_ascii().to_string());
        assert_eq!(decode_row::<Task>(b"", golden).unwrap(), task);
    }
}
