//! What timers do: moving parts of time on to the next level, and forgetting metrics that had no value for long.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use updraft_kernel::{AccountId, BoxFuture, Region, UnixMillis};
use updraft_store::{KeyRange, Row, ScanOptions, StoreError, Tx, decode_row, encode_row};
use updraft_timers::{FireError, Schedule, Timer, TimerOwner, Timers};

use crate::keys::{MetricKey, Part, PartKey, Place, PointKey};
use crate::model::level::Level;
use crate::model::series::{Scope, SeriesId};
use crate::model::summary::Summary;
use crate::model::unit::Unit;
use crate::table;

pub(crate) const OWNER: &str = "cloudwatch";

/// Rows handled in one transaction.
const BATCH: usize = 500;

/// A row of all that were moved lies under this number, which no node has.
pub(crate) const MOVED: u8 = u8::MAX;

/// What a timer is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Work {
    /// Everything of a part, to the next level.
    Move(Part),
    /// Metrics without values, behind the key where the last step ended.
    Forget { after: Option<Vec<u8>> },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Payload {
    account: String,
    region: String,
    work: Work,
}

impl Row for Payload {
    const VERSION: u8 = 1;
}

impl Work {
    pub(crate) fn schedule(self, scope: &Scope, due: UnixMillis) -> Result<Schedule, StoreError> {
        let (account, region) = (scope.account.to_string(), scope.region.to_string());
        let id = match &self {
            Self::Move(Part { level, start }) => format!("{account}/{region}/{}/{start}", level.code()),
            Self::Forget { .. } => format!("{account}/{region}/forget"),
        };
        let payload = encode_row(&Payload { account, region, work: self })?.to_vec();
        Ok(Schedule { owner: OWNER, id, due, payload })
    }
}

/// Called by the wheel.
pub(crate) struct Wakes {
    pub(crate) timers: Timers,
}

impl TimerOwner for Wakes {
    fn fire<'a>(&'a self, tx: &'a mut Tx, timer: &'a Timer, now: UnixMillis) -> BoxFuture<'a, Result<(), FireError>> {
        Box::pin(async move {
            let Payload { account, region, work } = decode_row(timer.id.as_bytes(), &timer.payload)?;
            let (Ok(account), Ok(region)) = (AccountId::parse(&account), Region::parse(&region)) else {
                return Err(FireError::Other("its account or region is none".to_owned()));
            };
            let scope = Scope { account, region };
            let again = match work {
                Work::Move(part) => move_on(tx, &self.timers, &scope, part, now).await?,
                Work::Forget { after } => forget(tx, &scope, after, now).await?,
            };
            if let Some((work, due)) = again {
                self.timers.schedule(tx, work.schedule(&scope, due)?).await?;
            }
            Ok(())
        })
    }
}

/// A step of moving; what is to be done next.
async fn move_on(
    tx: &mut Tx,
    timers: &Timers,
    scope: &Scope,
    part: Part,
    now: UnixMillis,
) -> Result<Option<(Work, UnixMillis)>, StoreError> {
    let page = tx.rows::<PointKey<'_>>(part.all(scope), ScanOptions::limit(BATCH)).await?;
    if let Some(next) = part.level.next() {
        let mut moved: BTreeMap<(SeriesId, Unit, i64), Summary> = BTreeMap::new();
        for (key, summary) in &page.rows {
            let Place { id, unit: Some(unit), slot } = Place::parse(key)? else { continue };
            moved
                .entry((id, unit, next.slot(slot)))
                .and_modify(|known| known.merge(summary))
                .or_insert_with(|| summary.clone());
        }
        let key = |(id, unit, slot)| PointKey { scope, level: next, id, unit, slot, shard: MOVED };
        table::add_points(tx, timers, moved.into_iter().map(|(place, all)| (key(place), all)).collect()).await?;
    }
    for (key, _) in &page.rows {
        tx.raw().delete(key.clone());
    }
    if page.more {
        return Ok(Some((Work::Move(part), now)));
    }
    tx.delete_row(&PartKey(scope, part));
    // Only what left the last level may have been the last of its metric.
    Ok((part.level == Level::Hour).then_some((Work::Forget { after: None }, now)))
}

/// A step through all metrics.
async fn forget(
    tx: &mut Tx,
    scope: &Scope,
    after: Option<Vec<u8>>,
    now: UnixMillis,
) -> Result<Option<(Work, UnixMillis)>, StoreError> {
    let all = MetricKey::range(scope, None, None);
    let range: KeyRange = match &after {
        Some(after) => all.after(after),
        None => all,
    };
    let page = tx.rows::<MetricKey<'_>>(range, ScanOptions::limit(BATCH)).await?;
    // Nothing before this is left.
    let oldest = Level::Hour.part_of(now.secs() - Level::Hour.kept());
    for (key, metric) in &page.rows {
        if metric.last.secs() < oldest {
            tx.raw().delete(key.clone());
        }
    }
    let rest = page.resume().map(|last| Work::Forget { after: Some(last.to_vec()) });
    Ok(rest.map(|work| (work, now)))
}

impl fmt::Debug for Wakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wakes").finish_non_exhaustive()
    }
}
