//! What an embedded engine must be able to do. Everything transactional is built above it, once.

use std::fmt;

use bytes::Bytes;

use crate::seam::{KeyRange, Result};

/// The writes of one or more transactions, each key once, in key order. `None` deletes.
pub type Batch = Vec<(Bytes, Option<Bytes>)>;

/// A key and its value, or why there is none.
pub type RowResult = Result<(Bytes, Bytes)>;

/// An ordered map with snapshots and atomic batches. One thread writes (the committer); any thread reads.
pub trait Engine: Send + Sync + fmt::Debug + 'static {
    type Snapshot: Snapshot;

    /// Everything applied so far, and nothing applied later. Called for each transaction: cheap.
    fn snapshot(&self) -> Self::Snapshot;

    /// Applies all or nothing, and lets no snapshot see a part. With `sync` it answers when this and everything
    /// applied before survives power loss.
    ///
    /// # Errors
    /// After any error the store takes no more writes: an engine needn't be able to go on.
    fn apply(&self, batch: Batch, sync: bool) -> Result<()>;

    /// Makes everything applied so far survive power loss.
    ///
    /// # Errors
    /// As [`Engine::apply`].
    fn sync(&self) -> Result<()>;

    /// Nothing more is applied, and everything is synced. What makes the next opening faster may be done now.
    fn close(&self) {}
}

/// A consistent view of an [`Engine`].
pub trait Snapshot: Send + Sync + 'static {
    /// # Errors
    /// If the engine fails.
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>>;

    /// Every row in the range, which isn't empty, in key order, or reversed; lazily, as callers stop early.
    fn scan<'a>(&'a self, range: &KeyRange, reverse: bool) -> Box<dyn Iterator<Item = RowResult> + Send + 'a>;
}
