//! The object-safe core that backends implement.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use updraft_kernel::{BoxFuture, UnixMillis};

use crate::error::StoreError;
use crate::watch::{Topic, Watch};

pub type Result<T> = std::result::Result<T, StoreError>;

/// Each commit that writes has its own, greater than that of every commit that was answered before it began, also before
/// a restart. Of those that append at the same prefix it is the order. On a backend in this process it is the order of
/// all; on a networked one a transaction may come before another with a smaller version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitVersion(pub u64);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TxnKind {
    /// Reads one consistent snapshot, taken between its beginning and its first read; writing is an error. Never
    /// conflicts on an embedded backend; on a networked one it may, very rarely, when only that keeps it serialisable.
    ReadOnly,
    /// As `ReadOnly`, and never conflicts on any backend: a networked one waits for a moment of which that is true. For
    /// reads that take long, such as a snapshot of everything.
    LongRead,
    ReadWrite,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Answered when it survives power loss. What every acknowledged change of state uses.
    Durable,
    /// Answered when it can be read; synced with the next durable commit, or 100 ms later. A power loss takes the last
    /// moments with it; on some backends the death of the process does, too. For metrics and logs.
    Relaxed,
}

/// Half-open: `start` is in it, `end` is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRange {
    pub start: Bytes,
    pub end: Bytes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScanOptions {
    /// Rows at most.
    pub limit: usize,
    /// Bytes of keys and values after which the page ends (at least one row is returned).
    pub max_bytes: usize,
    pub reverse: bool,
    /// The range is not remembered for conflict checks.
    pub snapshot: bool,
    /// The range is consumed from its front, like a queue or what is due: the backend may remember where its first
    /// row is, so that scans don't step over the rows deleted before. Changes nothing about what is found. The start
    /// is the queue's prefix, always the same; the end is within the prefix and may move. Queues inside queues are
    /// found right, too, only slower.
    pub head: bool,
}

/// What a scan found, in key order (or reversed).
#[derive(Clone, Debug, Default)]
pub struct Page {
    pub rows: Vec<(Bytes, Bytes)>,
    /// There was more in the range when a limit ended the page.
    pub more: bool,
}

/// What a backend can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub key_bytes: usize,
    pub value_bytes: usize,
    pub txn_bytes: usize,
    /// From beginning to commit; what took longer conflicts.
    pub txn_age: Duration,
}

impl Limits {
    /// What the house lives inside on every backend, so that a change of engine stays possible.
    pub const HOUSE: Self =
        Self { key_bytes: 10_000, value_bytes: 512 * 1024, txn_bytes: 24 << 20, txn_age: Duration::from_secs(30) };
}

pub trait Store: Send + Sync + fmt::Debug + 'static {
    fn begin(&self, kind: TxnKind) -> BoxFuture<'_, Result<Box<dyn Txn>>>;
    fn watch(&self, topic: Topic) -> Watch;
    fn limits(&self) -> Limits;
    /// The time that all users of this store agree on: the database's on a networked backend, this machine's on an
    /// embedded one. For leases and heart-beats; never moved with virtual time.
    fn now(&self) -> BoxFuture<'_, Result<UnixMillis>>;
    /// Other processes may have it open at the same time.
    fn is_shared(&self) -> bool;
    /// Lets every later commit have a version above `to`, which survives power loss once this answers. The answer is
    /// a version that all later ones are above, and that no row written before has a later one than: with
    /// `CommitVersion(0)` it only tells. For bringing back rows that hold versions of another store.
    fn raise_version(&self, to: CommitVersion) -> BoxFuture<'_, Result<CommitVersion>>;
    /// Makes everything accepted so far durable and stops taking more.
    fn close(&self) -> BoxFuture<'_, Result<()>>;
}

/// One transaction. Reads see its own writes. Dropping it undoes it.
pub trait Txn: Send {
    fn get<'a>(&'a mut self, key: &'a [u8]) -> BoxFuture<'a, Result<Option<Bytes>>>;
    /// In the order asked for; one round trip on a networked backend.
    fn get_many<'a>(&'a mut self, keys: &'a [Bytes]) -> BoxFuture<'a, Result<Vec<Option<Bytes>>>>;
    fn scan<'a>(&'a mut self, range: KeyRange, options: ScanOptions) -> BoxFuture<'a, Result<Page>>;
    fn put(&mut self, key: Bytes, value: Bytes);
    fn delete(&mut self, key: Bytes);
    /// Deletes what is there when this commits. Costs what it deletes and counts towards the transaction's size; see
    /// [`clear`](crate::clear()) for more.
    fn delete_range(&mut self, range: KeyRange);
    /// Adds to a little-endian i64 (absent: 0) without reading it, so that counters don't conflict. Wraps. The commit
    /// fails if something else than eight bytes is there.
    fn add_i64(&mut self, key: Bytes, delta: i64);
    /// Writes at `prefix + commit version (8 bytes, big-endian) + suffix`: appends that never conflict.
    /// The only write that the transaction itself doesn't see.
    fn put_versioned(&mut self, prefix: Bytes, suffix: Bytes, value: Bytes);
    /// Wakes the topic's watchers when, and only when, this commits.
    fn touch(&mut self, topic: Topic);
    fn commit(self: Box<Self>, durability: Durability) -> BoxFuture<'static, Result<CommitVersion>>;
}
