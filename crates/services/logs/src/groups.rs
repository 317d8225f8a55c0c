//! Groups and streams: finding them, and what is asked of one.

use std::ops::Range;

use updraft_kernel::{AwsError, Ctx};
use updraft_store::Tx;

use crate::errors::{no_group, no_stream};
use crate::keys::{Group, GroupKey, Stream};
use crate::model::position::Position;

pub(crate) const DAY: i64 = 86_400_000;

pub(crate) fn key<'a>(cx: &'a Ctx, name: &'a str) -> GroupKey<'a> {
    GroupKey { account: &cx.account, region: &cx.region, group: name }
}

/// # Errors
/// AWS's, where there is none.
pub(crate) async fn group(tx: &mut Tx, key: GroupKey<'_>) -> Result<Group, AwsError> {
    tx.row(&key).await?.ok_or_else(no_group)
}

/// # Errors
/// AWS's, where there is none.
pub(crate) async fn stream(tx: &mut Tx, group: GroupKey<'_>, name: &str) -> Result<Stream, AwsError> {
    tx.row(&group.stream(name)).await?.ok_or_else(no_stream)
}

impl Group {
    /// What was printed before isn't told any more, in milliseconds since the epoch.
    pub(crate) fn expired(&self, cx: &Ctx) -> i64 {
        self.retention.map_or(0, |days| cx.now().0 - i64::from(days) * DAY)
    }

    /// Where events may be that were printed from `start` on and before `end`.
    pub(crate) fn between(&self, cx: &Ctx, start: Option<i64>, end: Option<i64>) -> Range<Position> {
        let start = start.unwrap_or(0).max(self.expired(cx));
        Position::before(start)..end.map_or(Position::behind(i64::MAX), Position::before)
    }
}

/// The part of a range that is behind a position.
pub(crate) fn behind(range: &Range<Position>, position: Position) -> Range<Position> {
    let next = Position { index: position.index.saturating_add(1), ..position };
    range.start.max(next)..range.end
}

/// The part of a range that is before a position.
pub(crate) fn before(range: &Range<Position>, position: Position) -> Range<Position> {
    range.start..range.end.min(position)
}
