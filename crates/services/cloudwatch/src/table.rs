//! Values into the store, and out of it in periods.

use std::collections::{BTreeMap, BTreeSet};

use updraft_kernel::UnixMillis;
use updraft_store::{KeyRange, Result, ScanOptions, Tx};
use updraft_timers::Timers;

use crate::background::Work;
use crate::keys::{MetricKey, MetricRow, Part, PartKey, PartRow, Place, PointKey};
use crate::model::additions::{Addition, RowId};
use crate::model::level::{Level, floor};
use crate::model::series::{Scope, SeriesId};
use crate::model::summary::Summary;
use crate::model::unit::Unit;

/// A metric's row says when it had its last value only this exactly, in seconds, so that it is seldom written.
pub(crate) const LAST_STEP: i64 = 600;

/// Points read in one go.
const PAGE: usize = 2_000;

/// Adds to what is there.
pub(crate) async fn add(tx: &mut Tx, timers: &Timers, shard: u8, all: &[(RowId, Addition)]) -> Result<()> {
    let key = |row: &RowId, scope| {
        let RowId { id, level, slot, unit } = *row;
        PointKey { scope, level, id, unit, slot, shard }
    };
    let points = all.iter().map(|(row, addition)| (key(row, &addition.scope), addition.summary.clone()));
    add_points(tx, timers, points.collect()).await?;
    seen(tx, all).await
}

/// Adds to points, and sees to it that they move on in their time.
pub(crate) async fn add_points(tx: &mut Tx, timers: &Timers, points: Vec<(PointKey<'_>, Summary)>) -> Result<()> {
    let keys: Vec<_> = points.iter().map(|(key, _)| *key).collect();
    let known = tx.row_many(&keys).await?;
    for ((key, mut summary), known) in points.into_iter().zip(known) {
        if let Some(known) = known {
            summary.merge(&known);
        }
        tx.put_row(&key, &summary.packed())?;
    }
    let part = |key: &PointKey<'_>| Part { level: key.level, start: key.level.part_of(key.slot) };
    let parts: BTreeSet<_> = keys.iter().map(|key| (key.scope, part(key))).collect();
    for (scope, part) in parts {
        begin(tx, timers, scope, part).await?;
    }
    Ok(())
}

/// Schedules the moving on of a part that has something in it now.
async fn begin(tx: &mut Tx, timers: &Timers, scope: &Scope, part: Part) -> Result<()> {
    let key = PartKey(scope, part);
    if tx.row(&key).await?.is_some() {
        return Ok(());
    }
    tx.put_row(&key, &PartRow)?;
    timers.schedule(tx, Work::Move(part).schedule(scope, part.level.moves_on(part.start))?).await
}

/// Writes down which metrics there are, and when they had their last values.
async fn seen(tx: &mut Tx, all: &[(RowId, Addition)]) -> Result<()> {
    let mut metrics: BTreeMap<SeriesId, (&Addition, UnixMillis)> = BTreeMap::new();
    for (row, addition) in all {
        let (_, last) = metrics.entry(row.id).or_insert((addition, addition.last));
        *last = addition.last.max(*last);
    }
    let keys: Vec<_> = metrics.iter().map(|(id, (addition, _))| metric_key(*id, addition)).collect();
    let known = tx.row_many(&keys).await?;
    for ((key, known), (addition, last)) in keys.iter().zip(known).zip(metrics.values()) {
        let last = UnixMillis(floor(last.secs(), LAST_STEP).saturating_mul(1000));
        if known.is_none_or(|known| known.last < last) {
            tx.put_row(key, &MetricRow { dimensions: addition.series.dimensions.clone(), last })?;
        }
    }
    Ok(())
}

fn metric_key(id: SeriesId, addition: &Addition) -> MetricKey<'_> {
    let Addition { scope, series, .. } = addition;
    MetricKey { scope, namespace: &series.namespace, name: &series.name, id }
}

/// A metric's values that are asked for, in seconds since the epoch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) start: i64,
    /// Exclusive.
    pub(crate) end: i64,
    pub(crate) period: i64,
    pub(crate) now: i64,
}

impl Span {
    /// The period that a moment belongs to. AWS: periods are counted from the start that was asked for.
    fn period_of(&self, slot: i64) -> Option<i64> {
        let inside = self.start <= slot && slot < self.end;
        inside.then(|| self.start + floor(slot - self.start, self.period))
    }

    /// AWS: what is old is only told in periods of the resolution that it is kept in by then. While even seconds are kept,
    /// any period is told; a minute's values are all in the one that begins with the minute.
    fn tells(&self, level: Level, slot: i64) -> bool {
        match Level::at_age(self.now - slot) {
            None => false,
            Some(Level::Second) => true,
            Some(by_age) => self.period % level.max(by_age).step() == 0,
        }
    }
}

/// What was measured, by unit and by the beginnings of periods.
pub(crate) type Periods = BTreeMap<Unit, BTreeMap<i64, Summary>>;

pub(crate) async fn periods(tx: &mut Tx, scope: &Scope, id: SeriesId, span: Span) -> Result<Periods> {
    let mut found = Periods::new();
    for level in Level::ALL {
        // What lies here is no older than when its part moves on, give or take a timer that is late.
        let mut start = level.part_of(span.start.max(span.now - level.kept() - 2 * level.part()));
        while start < span.end {
            let range = Part { level, start }.of(scope, id);
            collect(tx, range, level, span, &mut found).await?;
            start += level.part();
        }
    }
    Ok(found)
}

async fn collect(tx: &mut Tx, range: KeyRange, level: Level, span: Span, found: &mut Periods) -> Result<()> {
    let mut range = range;
    loop {
        let page = tx.rows::<PointKey<'_>>(range.clone(), ScanOptions::limit(PAGE).untracked()).await?;
        for (key, summary) in &page.rows {
            let Place { unit: Some(unit), slot, .. } = Place::parse(key)? else { continue };
            let Some(period) = span.period_of(slot).filter(|_| span.tells(level, slot)) else { continue };
            match found.entry(unit).or_default().entry(period) {
                std::collections::btree_map::Entry::Occupied(known) => known.into_mut().merge(summary),
                std::collections::btree_map::Entry::Vacant(free) => drop(free.insert(summary.clone())),
            }
        }
        match page.resume() {
            Some(last) => range = range.after(last),
            None => return Ok(()),
        }
    }
}
