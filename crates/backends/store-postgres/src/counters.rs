//! Folding counters. Each addition is a row, so that additions don't conflict; here a counter's rows become one again.

use std::collections::HashMap;

use bytes::Bytes;
use parking_lot::Mutex;
use updraft_store::Result;

use crate::errors::Failure;
use crate::keys::Columns;
use crate::reads::column;
use crate::session::Session;

/// Additions after which a counter is folded: what whoever reads it has to add up at most, and a moment's more.
const FOLDED_AT: u32 = 32;

/// Counters remembered at most; beyond that all are folded.
const REMEMBERED: usize = 10_000;

/// For what changes nothing that anybody can see: not serialisable, so that it is in nobody's way.
pub(crate) const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
/// Takes the rows away, and tells what was in them.
const TAKE: &str = "DELETE FROM adds USING unnest($1::bytea[], $2::bytea[]) AS k(head, rest), kv \
    WHERE kv.head = k.head AND kv.rest = k.rest AND adds.counter = kv.counter RETURNING adds.counter, adds.delta";
const GIVE: &str = "INSERT INTO adds (counter, id, delta) \
    SELECT s.counter, nextval('number'), s.delta FROM unnest($1::int8[], $2::int8[]) AS s(counter, delta)";

/// Additions to what is no counter any more.
const SWEEP: &str = "DELETE FROM adds WHERE NOT EXISTS (SELECT 1 FROM kv WHERE kv.counter = adds.counter)";

/// The counters that this process has added to.
#[derive(Debug, Default)]
pub(crate) struct Counters(Mutex<HashMap<Bytes, u32>>);

impl Counters {
    pub(crate) fn added<'a>(&self, keys: impl Iterator<Item = &'a Bytes>) {
        let mut counters = self.0.lock();
        for key in keys {
            *counters.entry(key.clone()).or_default() += 1;
        }
    }

    /// Those that are worth folding.
    pub(crate) fn due(&self) -> Vec<Bytes> {
        let mut counters = self.0.lock();
        let least = if counters.len() > REMEMBERED { 2 } else { FOLDED_AT };
        let due: Vec<_> = counters.iter().filter(|(_, adds)| **adds >= least).map(|(key, _)| key.clone()).collect();
        if counters.len() > REMEMBERED {
            counters.clear();
        }
        for key in &due {
            counters.remove(key);
        }
        due
    }
}

/// One row of additions for each of these counters.
pub(crate) async fn fold(session: &Session, keys: &[Bytes]) -> std::result::Result<(), Failure> {
    session.run(BEGIN).await?;
    let folded = fold_within(session, keys).await;
    let end = session.run(if folded.is_ok() { "COMMIT" } else { "ROLLBACK" }).await;
    folded.and(end)
}

async fn fold_within(session: &Session, keys: &[Bytes]) -> std::result::Result<(), Failure> {
    let columns: Columns<'_> = keys.iter().collect();
    let rows = session.ask(TAKE, &[&columns.heads, &columns.rests]).await?;
    let sums = sums(&rows).map_err(Failure::Refused)?;
    let (counters, deltas): (Vec<i64>, Vec<i64>) = sums.into_iter().unzip();
    session.ask(GIVE, &[&counters, &deltas]).await.map(drop)
}

fn sums(rows: &[tokio_postgres::Row]) -> Result<HashMap<i64, i64>> {
    let mut sums = HashMap::new();
    for row in rows {
        let sum: &mut i64 = sums.entry(column(row, 0)?).or_default();
        // Wraps, as counters do.
        *sum = sum.wrapping_add(column(row, 1)?);
    }
    Ok(sums)
}

/// Takes away what belongs to counters that are gone.
pub(crate) async fn sweep(session: &Session) -> std::result::Result<(), Failure> {
    session.run(&format!("{BEGIN}; {SWEEP}; COMMIT")).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_is_folded_after_many_additions_and_all_are_when_they_are_too_many() {
        let counters = Counters::default();
        let (hot, cold) = (Bytes::from_static(b"hot"), Bytes::from_static(b"cold"));
        for _ in 0..FOLDED_AT {
            counters.added([&hot].into_iter());
        }
        counters.added([&cold].into_iter());
        assert_eq!(counters.due(), [hot]);
        assert!(counters.due().is_empty());
        counters.added([&cold].into_iter());
        let many: Vec<_> = (0..=REMEMBERED).map(|n| Bytes::from(n.to_string())).collect();
        counters.added(many.iter());
        assert_eq!(counters.due(), [cold]);
        assert!(counters.0.lock().is_empty(), "what was added to once is left as it is");
    }
}
