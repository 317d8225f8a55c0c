//! The store in memory: for tests and for `--ephemeral`. It forgets everything when it is dropped.
//!
//! It must never know a service. All of the transactions are in `updraft_store::embedded`; here is only an ordered
//! map that keeps old versions for as long as a snapshot needs them. Start reading at [`MemEngine`].

mod versions;

use std::sync::Arc;

use bytes::Bytes;
use parking_lot::RwLock;
use updraft_store::embedded::{Batch, EmbeddedStore, Engine, RowResult, Snapshot};
use updraft_store::{KeyRange, Result};

use crate::versions::{Rows, Stamp};

/// A new, empty store.
///
/// # Errors
/// If no thread can be started.
pub fn open() -> Result<Arc<EmbeddedStore<MemEngine>>> {
    EmbeddedStore::open(MemEngine::default()).map(Arc::new)
}

/// An ordered map with snapshots.
#[derive(Clone, Debug, Default)]
pub struct MemEngine {
    rows: Arc<RwLock<Rows>>,
}

impl MemEngine {
    /// How many rows there are, and how many versions of rows; the difference is what snapshots keep alive.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        self.rows.read().counts()
    }
}

impl Engine for MemEngine {
    type Snapshot = MemSnapshot;

    fn snapshot(&self) -> MemSnapshot {
        let at = self.rows.write().enter();
        MemSnapshot { rows: Arc::clone(&self.rows), at }
    }

    fn apply(&self, batch: Batch, _sync: bool) -> Result<()> {
        self.rows.write().apply(batch);
        Ok(())
    }

    fn sync(&self) -> Result<()> {
        Ok(())
    }
}

/// The rows as they were at one moment.
#[derive(Debug)]
pub struct MemSnapshot {
    rows: Arc<RwLock<Rows>>,
    at: Stamp,
}

impl Drop for MemSnapshot {
    fn drop(&mut self) {
        self.rows.write().leave(self.at);
    }
}

impl Snapshot for MemSnapshot {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>> {
        Ok(self.rows.read().get(key, self.at))
    }

    fn scan<'a>(&'a self, range: &KeyRange, reverse: bool) -> Box<dyn Iterator<Item = RowResult> + Send + 'a> {
        Box::new(MemScan { snapshot: self, rest: range.clone(), reverse, chunk: Vec::new().into_iter() }.map(Ok))
    }
}

/// Rows are taken in chunks, as no lock may be held between two steps.
struct MemScan<'a> {
    snapshot: &'a MemSnapshot,
    rest: KeyRange,
    reverse: bool,
    chunk: std::vec::IntoIter<(Bytes, Bytes)>,
}

impl MemScan<'_> {
    const CHUNK: usize = 64;

    fn refill(&mut self) {
        let rows = self.snapshot.rows.read().chunk(&self.rest, self.reverse, self.snapshot.at, Self::CHUNK);
        let rest = std::mem::replace(&mut self.rest, KeyRange::new("", ""));
        self.rest = match rows.last() {
            Some((last, _)) if self.reverse => rest.before(last.clone()),
            Some((last, _)) => rest.after(last),
            None => KeyRange::new("", ""),
        };
        self.chunk = rows.into_iter();
    }
}

impl Iterator for MemScan<'_> {
    type Item = (Bytes, Bytes);

    fn next(&mut self) -> Option<(Bytes, Bytes)> {
        if self.chunk.len() == 0 && !self.rest.is_empty() {
            self.refill();
        }
        self.chunk.next()
    }
}
