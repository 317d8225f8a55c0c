//! Transactions over any ordered map with snapshots: what makes an [`Engine`] a [`Store`](crate::Store).
//!
//! Reads run on the caller's task, on a snapshot. A transaction's writes stay with it until it commits; then they go,
//! with what it has read, to the committer, which validates, merges and syncs many transactions at once.
//! Validation is here and not in the engine, so that every embedded backend has the same, tested once.

mod committer;
mod core;
mod engine;
mod heads;
mod queue;
mod recent;
mod round;
mod store;
mod txn;
mod writer;

use crate::buffer::{merge, writes};

pub use engine::{Batch, Engine, RowResult, Snapshot};
pub use store::EmbeddedStore;

#[cfg(test)]
mod tests;
