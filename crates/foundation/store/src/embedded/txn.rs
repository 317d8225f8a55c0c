//! One transaction over a snapshot.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use futures_util::future::ready;
use tokio::sync::oneshot;
use updraft_kernel::BoxFuture;

use super::core::{Request, recorded_version};
use super::engine::{Engine, Snapshot};
use super::merge::{Merged, page};
use super::recent::Reads;
use super::store::Shared;
use super::writes::{Write, Writes, added};
use crate::error::StoreError;
use crate::range::next_key;
use crate::seam::{CommitVersion, Durability, KeyRange, Page, Result, ScanOptions, Txn, TxnKind};
use crate::watch::Topic;

#[derive(Debug)]
pub(crate) struct EmbeddedTxn<E: Engine> {
    shared: Arc<Shared<E>>,
    snapshot: E::Snapshot,
    /// Every commit up to here is in the snapshot. Later ones may be too: read before the snapshot was taken, so that
    /// validation errs on the safe side.
    since: CommitVersion,
    kind: TxnKind,
    began: Instant,
    reads: Reads,
    writes: Writes,
    touches: Vec<Topic>,
}

impl<E: Engine> EmbeddedTxn<E> {
    #[expect(clippy::disallowed_methods, reason = "how long a transaction is open is real time, however time is moved")]
    pub(crate) fn begin(shared: Arc<Shared<E>>, kind: TxnKind) -> Self {
        let began = Instant::now();
        let since = shared.core.version();
        let snapshot = shared.core.engine.snapshot();
        let (reads, writes) = (Reads::default(), Writes::default());
        Self { shared, snapshot, since, kind, began, reads, writes, touches: Vec::new() }
    }

    fn read(&mut self, key: &[u8]) -> Result<Option<Bytes>> {
        match self.writes.pending(key) {
            Some(Write::Put(value)) => Ok(Some(value)),
            Some(Write::Delete) => Ok(None),
            Some(Write::Add(delta)) => {
                let before = self.below(key)?;
                added(key, before.as_ref(), delta).map(Some)
            }
            None => self.below(key),
        }
    }

    fn below(&mut self, key: &[u8]) -> Result<Option<Bytes>> {
        if self.kind == TxnKind::ReadWrite {
            self.reads.keys.push(Bytes::copy_from_slice(key));
        }
        self.snapshot.get(key)
    }

    fn read_range(&mut self, range: KeyRange, options: ScanOptions) -> Result<Page> {
        if range.is_empty() {
            return Ok(Page::default());
        }
        let page = if options.head && !options.reverse {
            self.scan_from_head(&range, options)?
        } else {
            let below = self.snapshot.scan(&range, options.reverse);
            page(Merged::new(below, &self.writes, &range, options.reverse), options)?
        };
        if self.kind == TxnKind::ReadWrite && !options.snapshot {
            self.reads.ranges.push(seen(range, &page, options.reverse));
        }
        Ok(page)
    }

    fn scan_from_head(&self, range: &KeyRange, options: ScanOptions) -> Result<Page> {
        let heads = &self.shared.core.heads;
        let at = recorded_version(&self.snapshot)?;
        let from = range.clone().from(heads.start(range, at));
        let below = if from.is_empty() { Box::new(std::iter::empty()) } else { self.snapshot.scan(&from, false) };
        let mut rows = Merged::new(below, &self.writes, range, false);
        let first = rows.first_below();
        let page = page(rows, options)?;
        heads.found(range, at, first.as_ref().unwrap_or(&range.end));
        Ok(page)
    }

    /// The writes, unless this transaction may have none.
    fn writes(&mut self) -> &mut Writes {
        if self.kind != TxnKind::ReadWrite {
            self.writes.refuse(StoreError::ReadOnly);
        }
        &mut self.writes
    }

    /// Turns range deletions into deletions of the rows that this snapshot holds; the committer adds those that were
    /// written since. The engines have no atomic range deletion beside a batch, and so it costs what it deletes.
    fn expand(&mut self) -> Result<()> {
        for range in self.writes.cleared.clone() {
            for row in self.snapshot.scan(&range, false) {
                self.writes.expand(row?.0);
                self.writes.check(&self.shared.core.limits)?;
            }
        }
        Ok(())
    }

    /// What is open for too long conflicts even if it has read nothing: others rely on that no insertion turns up later.
    fn prepare(&mut self) -> Result<()> {
        if self.kind == TxnKind::ReadWrite && self.began.elapsed() > self.shared.core.limits.txn_age {
            return Err(StoreError::Conflict);
        }
        self.writes.check(&self.shared.core.limits)?;
        self.expand()
    }

    async fn finish(mut self, durability: Durability) -> Result<CommitVersion> {
        self.prepare()?;
        let Self { shared, snapshot, since, reads, writes, touches, .. } = self;
        drop(snapshot);
        if writes.is_empty() {
            shared.core.watches.touch(touches);
            return Ok(since);
        }
        let (answer, answered) = oneshot::channel();
        shared.submit(Request { since, reads, writes, touches, durability, answer })?;
        answered.await.unwrap_or_else(|_| Err(StoreError::unknown("the committer is gone")))
    }
}

/// The part of the range that the page depends on.
fn seen(range: KeyRange, page: &Page, reverse: bool) -> KeyRange {
    match page.rows.last() {
        Some((last, _)) if page.more && reverse => range.from(last.clone()),
        Some((last, _)) if page.more => range.before(next_key(last)),
        _ => range,
    }
}

impl<E: Engine> Txn for EmbeddedTxn<E> {
    fn get<'a>(&'a mut self, key: &'a [u8]) -> BoxFuture<'a, Result<Option<Bytes>>> {
        Box::pin(ready(self.read(key)))
    }

    fn get_many<'a>(&'a mut self, keys: &'a [Bytes]) -> BoxFuture<'a, Result<Vec<Option<Bytes>>>> {
        Box::pin(ready(keys.iter().map(|key| self.read(key)).collect()))
    }

    fn scan<'a>(&'a mut self, range: KeyRange, options: ScanOptions) -> BoxFuture<'a, Result<Page>> {
        Box::pin(ready(self.read_range(range, options)))
    }

    fn put(&mut self, key: Bytes, value: Bytes) {
        let limits = self.shared.core.limits;
        self.writes().put(key, value, &limits);
    }

    fn delete(&mut self, key: Bytes) {
        let limits = self.shared.core.limits;
        self.writes().delete(key, &limits);
    }

    fn delete_range(&mut self, range: KeyRange) {
        self.writes().delete_range(range);
    }

    fn add_i64(&mut self, key: Bytes, delta: i64) {
        let limits = self.shared.core.limits;
        self.writes().add(key, delta, &limits);
    }

    fn put_versioned(&mut self, prefix: Bytes, suffix: Bytes, value: Bytes) {
        let limits = self.shared.core.limits;
        self.writes().put_versioned(prefix, suffix, value, &limits);
    }

    fn touch(&mut self, topic: Topic) {
        self.touches.push(topic);
    }

    fn commit(self: Box<Self>, durability: Durability) -> BoxFuture<'static, Result<CommitVersion>> {
        Box::pin(self.finish(durability))
    }
}
