//! Committing a transaction that has read, or that deletes ranges: on its own connection, in one round trip.

use tokio_postgres::Statement as Prepared;
use updraft_store::{CommitVersion, KeyRange, Result, StoreError, Topic};

use crate::apply::{Batch, Statement};
use crate::errors::Failure;
use crate::keys::Bounds;
use crate::marks::Settled;
use crate::pool::{Held, Within};
use crate::session::Session;
use crate::shared::{Shared, base_of};

/// How a transaction that may write begins.
pub(crate) const BEGIN: &str = "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE";

/// Deletes ranges. The additions to counters in them are found by nobody from then on, and swept later.
const CLEAR: &str = "DELETE FROM kv USING unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::bytea[]) \
    AS r(start, start_tail, stop, stop_tail) \
    WHERE kv.head >= r.start AND kv.head <= r.stop \
    AND (kv.head > r.start OR kv.tail >= r.start_tail) AND (kv.head < r.stop OR kv.tail < r.stop_tail)";

/// What is to be committed.
pub(crate) struct Commit {
    pub(crate) batch: Batch,
    pub(crate) cleared: Vec<KeyRange>,
    pub(crate) touches: Vec<Topic>,
}

/// How sending it ended.
enum Sent {
    Committed(i64),
    /// Nothing was applied.
    Failed(Failure),
    /// It may have been.
    InDoubt,
}

impl Commit {
    /// On the connection that has read; without one, on any.
    pub(crate) async fn run(self, shared: &Shared, held: Option<Held>) -> Result<CommitVersion> {
        let begun = held.is_some();
        let held = match held {
            Some(held) => held,
            None => shared.pool.acquire().await?,
        };
        let mark = shared.marks.next();
        match self.send(shared, held, &mark, begun).await? {
            Sent::Committed(base) => {
                shared.heat.won();
                Ok(shared.committed(&self.batch, base, self.touches))
            }
            Sent::Failed(Failure::Conflict) => {
                shared.heat.lost(&shared.clock).await;
                Err(StoreError::Conflict)
            }
            Sent::Failed(Failure::NotACounter) => Err(not_a_counter(&self.batch)),
            Sent::Failed(err) => Err(err.harmless()),
            Sent::InDoubt => match shared.settle(&mark).await {
                Settled::Applied(base) => Ok(shared.committed(&self.batch, base, self.touches)),
                // The database is there again, and what was read is no longer known to hold: run again.
                Settled::Never => Err(StoreError::Conflict),
                Settled::Unknown(err) => Err(StoreError::unknown(err)),
            },
        }
    }

    /// Prepares first, since whatever fails there can't have written anything.
    async fn send(&self, shared: &Shared, mut held: Held, mark: &[u8], begun: bool) -> Result<Sent> {
        let statement = Statement::new(mark, &self.batch, shared.locking);
        let session = held.session()?;
        let apply = session.prepared(&statement.sql).await.map_err(Failure::harmless)?;
        let clear = match self.cleared.is_empty() {
            true => None,
            false => Some(session.prepared(CLEAR).await.map_err(Failure::harmless)?),
        };
        held.within = Within::Writes;
        let session = held.session()?;
        let params = statement.params();
        let (begin, cleared, applied, committed) = tokio::join!(
            async { if begun { Ok(()) } else { session.run(BEGIN).await } },
            self.clear(session, clear.as_ref()),
            session.query(&apply, &params),
            session.run("COMMIT"),
        );
        let sent = match begin.and(cleared).and(applied) {
            // The database answers a COMMIT after an error by rolling back; so this is known to be gone.
            Err(Failure::Lost(_)) => Sent::InDoubt,
            Err(err) => Sent::Failed(err),
            Ok(rows) => match committed {
                Ok(()) => Sent::Committed(base_of(&rows)?),
                Err(Failure::Lost(_)) => Sent::InDoubt,
                Err(err) => Sent::Failed(err),
            },
        };
        if !matches!(sent, Sent::InDoubt) {
            held.within = Within::Nothing;
        }
        Ok(sent)
    }

    async fn clear(&self, session: &Session, statement: Option<&Prepared>) -> std::result::Result<(), Failure> {
        let Some(statement) = statement else { return Ok(()) };
        let Bounds { from, from_tail, to, to_tail } = self.cleared.iter().collect();
        session.query(statement, &[&from, &from_tail, &to, &to_tail]).await.map(drop)
    }
}

/// Which key it was isn't told; with several, the first is named.
pub(crate) fn not_a_counter(batch: &Batch) -> StoreError {
    let key = batch.counters().next().map(|key| key.to_vec()).unwrap_or_default();
    StoreError::Corrupt { key, why: "it, or another added to with it, is no counter of eight bytes".to_owned() }
}
