//! Sources that are in order: each shard is read by one loop, from the first record that isn't dealt with. What it hands
//! over is divided by the items that records are of, so that those of one item stay in order and wait for each other.

mod course;
mod lanes;
mod reader;
mod turn;

use std::fmt;
use std::time::Duration;

use serde_json::Value;
use updraft_kernel::{AwsError, BoxFuture, UnixMillis};
use updraft_store::Watch;

pub(crate) use reader::Reader;

/// One record.
#[derive(Debug)]
pub struct StreamRecord {
    /// Where it is in its shard; what comes later has a greater one.
    pub place: u128,
    /// The same as it is written: `itemIdentifier`.
    pub sequence: String,
    pub at: UnixMillis,
    /// Those of one item have the same.
    pub item: u64,
    /// As the function gets it.
    pub event: Value,
}

/// What was read.
#[derive(Debug)]
pub struct Read {
    pub records: Vec<StreamRecord>,
    /// Where it goes on.
    pub next: u128,
}

pub trait Stream: Send + Sync + fmt::Debug + 'static {
    /// How many there are; they stay what they are.
    fn shards(&self) -> usize;

    /// As it is named to functions' destinations.
    fn name(&self, shard: usize) -> String;

    /// For how long records can be read: what is older is given up.
    fn retention(&self) -> Duration;

    /// The first place that isn't dealt with.
    ///
    /// # Errors
    /// With a status of 4xx if the stream is gone, which the mapping then tells.
    fn position(&self, shard: usize) -> BoxFuture<'_, Result<u128, AwsError>>;

    /// Everything before that place is dealt with. Never goes back.
    ///
    /// # Errors
    /// If the store fails: what is behind the last position that was kept comes again.
    fn keep(&self, shard: usize, position: u128) -> BoxFuture<'_, Result<(), AwsError>>;

    /// Records from a place on, `most` at most; waits for none.
    ///
    /// # Errors
    /// As [`Self::position`].
    fn read(&self, shard: usize, from: u128, most: usize) -> BoxFuture<'_, Result<Read, AwsError>>;

    /// Woken by whatever comes to a shard.
    fn watch(&self, shard: usize) -> Watch;
}
