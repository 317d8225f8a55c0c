//! What is older than a day goes, and in the end the stream itself: by one timer for each stream.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use updraft_kernel::{AccountId, BoxFuture, Region, UnixMillis};
use updraft_store::{Row, ScanOptions, StoreError, Tx, decode_row, encode_row};
use updraft_timers::{FireError, Schedule, Timer, TimerOwner, Timers};

use super::read::Joining;
use crate::keys::Scope;
use crate::keys::streams::{Shard, StreamKey};
use crate::model::stream::{Place, RETENTION, StreamRow, horizon};

pub(crate) const OWNER: &str = "dynamodb streams";

/// Rows of a shard taken away in one transaction.
const PORTION: usize = 500;
/// Between two rounds of one stream. Readers step over what is too old meanwhile.
const REST: Duration = Duration::from_secs(600);

/// On disks, as a timer's payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Task {
    account: AccountId,
    region: Region,
    table: String,
    label: String,
}

impl Row for Task {
    const VERSION: u8 = 1;
}

/// The first round of a new stream.
pub(super) async fn plan(
    tx: &mut Tx,
    timers: &Timers,
    scope: &Scope,
    stream: &StreamRow,
    now: UnixMillis,
) -> Result<(), StoreError> {
    let (account, region) = (scope.account.clone(), scope.region.clone());
    let task = Task { account, region, table: stream.table.clone(), label: stream.label.clone() };
    next_round(tx, timers, (&task, stream.id), now.plus(RETENTION)).await
}

async fn next_round(
    tx: &mut Tx,
    timers: &Timers,
    (task, stream): (&Task, u64),
    due: UnixMillis,
) -> Result<(), StoreError> {
    let id = format!("{}/{}/{stream}", task.account, task.region);
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
            let key = StreamKey(&scope, &task.table, &task.label);
            // With an account that was emptied its streams are gone.
            let Some(mut stream) = tx.row(&key).await? else { return Ok(()) };
            let before = stream.trimmed.clone();
            let next = round(tx, &scope, &mut stream, now).await?;
            match next {
                Some(_) if stream.trimmed != before => tx.put_row(&key, &stream)?,
                Some(_) => {}
                None => {
                    tx.raw().delete_range(scope.positions(stream.id));
                    tx.delete_row(&key);
                }
            }
            match next {
                Some(due) => Ok(next_round(tx, &self.0, (&task, stream.id), due).await?),
                None => Ok(()),
            }
        })
    }
}

/// Trims all shards; when to look again. `None`: the stream has ended, and nothing is left of it.
async fn round(
    tx: &mut Tx,
    scope: &Scope,
    stream: &mut StreamRow,
    now: UnixMillis,
) -> Result<Option<UnixMillis>, StoreError> {
    let (mut oldest, mut more) = (None::<UnixMillis>, false);
    for number in 0..stream.shards {
        let shard = Shard { scope, stream: stream.id, number };
        let trimmed = trim(tx, shard, now).await?;
        if let Some(last) = trimmed.last {
            stream.trimmed.resize(usize::from(stream.shards), Place::default());
            stream.trimmed.get_mut(usize::from(number)).into_iter().for_each(|place| *place = last);
        }
        more |= trimmed.more;
        oldest = oldest.into_iter().chain(trimmed.oldest).min();
    }
    Ok(match (more, oldest, stream.ended) {
        (true, ..) => Some(now),
        (false, Some(oldest), _) => Some(oldest.plus(RETENTION).max(now.plus(REST))),
        (false, None, None) => Some(now.plus(RETENTION)),
        // AWS: an ended stream is there for as long as its records could be.
        (false, None, Some(ended)) => Some(ended.plus(RETENTION)).filter(|end| *end > now),
    })
}

#[derive(Debug, Default)]
struct Trimmed {
    last: Option<Place>,
    /// What is oldest now.
    oldest: Option<UnixMillis>,
    more: bool,
}

async fn trim(tx: &mut Tx, shard: Shard<'_>, now: UnixMillis) -> Result<Trimmed, StoreError> {
    // Not remembered: what is appended meanwhile takes nothing of this away.
    let options = ScanOptions { head: true, snapshot: true, ..ScanOptions::limit(PORTION) };
    let page = tx.raw().scan(shard.all(), options).await?;
    let (mut out, mut joining, mut keys) = (Trimmed::default(), Joining::default(), Vec::new());
    for (key, value) in page.rows {
        let found = joining.add(&key, &value)?;
        keys.push(key);
        let Some(found) = found else { continue };
        if found.record.at > horizon(now) {
            out.oldest = Some(found.record.at);
            return Ok(out);
        }
        out.last = Some(found.place);
        keys.drain(..).for_each(|key| tx.raw().delete(key));
    }
    out.more = page.more;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On disks: may never change.
    #[test]
    fn golden_task() {
        let task = Task {
            account: AccountId::local(),
            region: Region::default_region(),
            table: "t".into(),
            label: "l".into(),
        };
        let golden = b"\x01\x0c000000000000\tus-east-1\x01t\x01l";
        assert_eq!(encode_row(&task).unwrap().escape_ascii().to_string(), golden.escape_ascii().to_string());
        assert_eq!(decode_row::<Task>(b"", golden).unwrap(), task);
    }
}
