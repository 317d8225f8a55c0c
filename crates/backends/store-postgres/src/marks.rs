//! What tells, after a connection was lost during a commit, whether the commit was applied.
//!
//! Every commit inserts a row with an id of its own. Inserting the same id from another connection waits for the lost
//! one, and then either finds the row, so that it was applied, or takes its place, so that it never can be.

use std::time::Duration;

use futures_util::future::{Either, select};
use updraft_kernel::{Clock, OsRng, Rng, SystemClock, UnixMillis};
use updraft_store::{Result, StoreError};

use crate::connect::{Connector, Use};
use crate::errors::Failure;
use crate::reads::column;
use crate::session::Session;

/// How long marks are kept: far longer than anybody looks for one.
const KEPT: Duration = Duration::from_secs(3_600);

/// From this age on a mark that isn't there may have been taken away: half of `KEPT`, since not all clocks are one.
const TELLING: Duration = Duration::from_secs(1_800);

/// Between two attempts to find out.
const STEP: Duration = Duration::from_millis(50);

/// Sixteen bytes: when it was made, by the database's time, and randomness.
pub(crate) type Mark = [u8; 16];

/// Makes marks.
#[derive(Debug)]
pub(crate) struct Marks {
    clock: SystemClock,
    /// The database's time when `clock` was started.
    started: UnixMillis,
}

/// What was found out.
#[derive(Debug)]
pub(crate) enum Settled {
    /// It was applied, with this version.
    Applied(i64),
    /// It wasn't and won't be.
    Never,
    /// The database didn't answer in time, or was asked too late.
    Unknown(StoreError),
}

impl Marks {
    pub(crate) fn new(now: UnixMillis) -> Self {
        Self { clock: SystemClock::new(), started: now }
    }

    pub(crate) fn next(&self) -> Mark {
        let mut mark = self.at(self.started.plus(self.clock.monotonic()));
        if let Some(random) = mark.get_mut(6..) {
            OsRng.fill(random);
        }
        mark
    }

    /// The least mark of a moment.
    fn at(&self, at: UnixMillis) -> Mark {
        (u128::from(at.0.cast_unsigned()) << 80).to_be_bytes()
    }

    /// Marks below this one are of no use to anybody.
    pub(crate) fn horizon(&self) -> Mark {
        let kept = i64::try_from(KEPT.as_millis()).unwrap_or(i64::MAX);
        self.at(UnixMillis(self.started.plus(self.clock.monotonic()).0.saturating_sub(kept)))
    }

    /// Asks until it knows, or `deadline` has passed.
    pub(crate) async fn settle(&self, connector: &Connector, mark: &Mark, deadline: Duration) -> Settled {
        let until = self.clock.monotonic() + deadline;
        let mut last = StoreError::unavailable("the database doesn't answer");
        loop {
            let left = until.saturating_sub(self.clock.monotonic());
            if left.is_zero() {
                return Settled::Unknown(last);
            }
            match select(Box::pin(ask(connector, mark)), self.clock.pause(left)).await {
                Either::Left((Ok(settled), _)) => return settled,
                Either::Left((Err(err), _)) => last = err,
                Either::Right(_) => {}
            }
            self.clock.pause(STEP).await;
        }
    }
}

/// Looks for the commit with this mark. If there is none, from now on there can't be.
async fn ask(connector: &Connector, mark: &Mark) -> Result<Settled> {
    let session = connector.connect(Use::Statements).await?;
    let id = &mark[..];
    let insert = session.ask("INSERT INTO commits (id) VALUES ($1) ON CONFLICT (id) DO NOTHING", &[&id]).await;
    insert.map_err(Failure::harmless)?;
    let rows = session.ask("SELECT version FROM commits WHERE id = $1", &[&id]).await.map_err(Failure::harmless)?;
    let Some(row) = rows.first() else { return Err(StoreError::engine("a mark that was made isn't there")) };
    Ok(match column(row, 0)? {
        Some(version) => Settled::Applied(version),
        None if is_telling(mark, now(&session).await?) => Settled::Never,
        None => Settled::Unknown(StoreError::unavailable("its mark may have been taken away since")),
    })
}

/// Whether a mark that is missing at that time, the database's, was never made. Not if it was made long ago: this
/// process, or its whole machine, may have stood still in the middle.
fn is_telling(mark: &Mark, now: UnixMillis) -> bool {
    now.since(made_at(mark)) < TELLING
}

fn made_at(mark: &Mark) -> UnixMillis {
    UnixMillis(i64::try_from(u128::from_be_bytes(*mark) >> 80).unwrap_or(i64::MAX))
}

/// Takes away what nobody looks for any more.
pub(crate) async fn clean(session: &Session, horizon: &Mark) -> std::result::Result<(), Failure> {
    session.run(crate::counters::BEGIN).await?;
    let cleaned = session.ask("DELETE FROM commits WHERE id < $1", &[&&horizon[..]]).await.map(drop);
    cleaned.and(session.run("COMMIT").await)
}

/// The database's time.
pub(crate) async fn now(session: &Session) -> Result<UnixMillis> {
    let sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::int8";
    let rows = session.ask(sql, &[]).await.map_err(Failure::harmless)?;
    rows.first()
        .map_or_else(|| Err(StoreError::engine("the database tells no time")), |row| column(row, 0).map(UnixMillis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_that_is_missing_tells_nothing_once_it_may_have_been_taken_away() {
        let made = UnixMillis(1_700_000_000_000);
        let marks = Marks::new(made);
        let mark = marks.next();
        assert!(made_at(&mark).since(made) < Duration::from_secs(60), "it says when it was made");
        assert!(is_telling(&mark, made) && is_telling(&mark, made.plus(TELLING / 2)));
        assert!(!is_telling(&mark, made.plus(KEPT)));
        assert!(marks.horizon() < mark && Marks::new(made.plus(KEPT * 2)).horizon() > mark);
    }
}
