//! Stores that break one rule each. They are what the checks must find; nobody else wants them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use updraft_kernel::{BoxFuture, UnixMillis};

use crate::seam::{CommitVersion, Durability, KeyRange, Limits, Page, Result, ScanOptions, Store, Txn, TxnKind};
use crate::watch::{Topic, Watch};

/// Which rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Scans are remembered for conflict checks.
    ScansAreTracked,
    /// Reads are.
    ReadsAreTracked,
    /// All reads are of one snapshot.
    OneSnapshot,
    /// All writes are applied together, or none.
    AllOrNothing,
    /// What is acknowledged is applied. Of those that write, one in [`LIES`] isn't.
    AnswersAreTrue,
}

const LIES: u64 = 50;

#[derive(Debug)]
pub struct Broken {
    inner: Arc<dyn Store>,
    rule: Rule,
    commits: Arc<AtomicU64>,
}

impl Broken {
    #[must_use]
    pub fn new(inner: Arc<dyn Store>, rule: Rule) -> Self {
        Self { inner, rule, commits: Arc::default() }
    }

    async fn begin_now(&self, kind: TxnKind) -> Result<Box<dyn Txn>> {
        let inner = self.inner.begin(kind).await?;
        let beside = self.inner.begin(TxnKind::ReadOnly).await?;
        let (store, commits) = (Arc::clone(&self.inner), Arc::clone(&self.commits));
        Ok(Box::new(BrokenTxn { store, commits, rule: self.rule, inner, beside, own: Vec::new() }))
    }
}

impl Store for Broken {
    fn begin(&self, kind: TxnKind) -> BoxFuture<'_, Result<Box<dyn Txn>>> {
        Box::pin(self.begin_now(kind))
    }

    fn watch(&self, topic: Topic) -> Watch {
        self.inner.watch(topic)
    }

    fn limits(&self) -> Limits {
        self.inner.limits()
    }

    fn now(&self) -> BoxFuture<'_, Result<UnixMillis>> {
        self.inner.now()
    }

    fn is_shared(&self) -> bool {
        self.inner.is_shared()
    }

    fn raise_version(&self, to: CommitVersion) -> BoxFuture<'_, Result<CommitVersion>> {
        self.inner.raise_version(to)
    }

    fn close(&self) -> BoxFuture<'_, Result<()>> {
        self.inner.close()
    }
}

struct BrokenTxn {
    store: Arc<dyn Store>,
    commits: Arc<AtomicU64>,
    rule: Rule,
    inner: Box<dyn Txn>,
    /// Reads here aren't tracked.
    beside: Box<dyn Txn>,
    /// Keys that it wrote, which are read where they are.
    own: Vec<Bytes>,
}

impl BrokenTxn {
    async fn read(&mut self, key: &[u8]) -> Result<Option<Bytes>> {
        let own = self.own.iter().any(|own| *own == key);
        match self.rule {
            Rule::ReadsAreTracked if !own => self.beside.get(key).await,
            Rule::OneSnapshot if !own => self.store.begin(TxnKind::ReadOnly).await?.get(key).await,
            _ => self.inner.get(key).await,
        }
    }
}

impl BrokenTxn {
    fn lies(&self) -> bool {
        self.rule == Rule::AnswersAreTrue
            && !self.own.is_empty()
            && self.commits.fetch_add(1, Ordering::SeqCst) % LIES == LIES - 1
    }
}

/// The write goes on its own, before the rest.
async fn leak(store: &dyn Store, key: Bytes, value: Bytes) -> Result<()> {
    let mut leak = store.begin(TxnKind::ReadWrite).await?;
    leak.put(key, value);
    leak.commit(Durability::Relaxed).await.map(drop)
}

impl Txn for BrokenTxn {
    fn get<'a>(&'a mut self, key: &'a [u8]) -> BoxFuture<'a, Result<Option<Bytes>>> {
        Box::pin(self.read(key))
    }

    fn get_many<'a>(&'a mut self, keys: &'a [Bytes]) -> BoxFuture<'a, Result<Vec<Option<Bytes>>>> {
        Box::pin(async move {
            let mut found = Vec::new();
            for key in keys {
                found.push(self.read(key).await?);
            }
            Ok(found)
        })
    }

    fn scan<'a>(&'a mut self, range: KeyRange, options: ScanOptions) -> BoxFuture<'a, Result<Page>> {
        let snapshot = options.snapshot || self.rule == Rule::ScansAreTracked;
        self.inner.scan(range, ScanOptions { snapshot, ..options })
    }

    fn put(&mut self, key: Bytes, value: Bytes) {
        self.own.push(key.clone());
        self.inner.put(key, value);
    }

    fn delete(&mut self, key: Bytes) {
        self.inner.delete(key);
    }

    fn delete_range(&mut self, range: KeyRange) {
        self.inner.delete_range(range);
    }

    fn add_i64(&mut self, key: Bytes, delta: i64) {
        self.inner.add_i64(key, delta);
    }

    fn put_versioned(&mut self, prefix: Bytes, suffix: Bytes, value: Bytes) {
        self.inner.put_versioned(prefix, suffix, value);
    }

    fn touch(&mut self, topic: Topic) {
        self.inner.touch(topic);
    }

    fn commit(self: Box<Self>, durability: Durability) -> BoxFuture<'static, Result<CommitVersion>> {
        Box::pin(async move {
            let mut this = *self;
            if this.rule == Rule::AllOrNothing
                && let Some(key) = this.own.first().cloned()
                && let Some(value) = this.inner.get(&key).await?
            {
                leak(&*this.store, key, value).await?;
            }
            if this.lies() {
                return this.store.raise_version(CommitVersion(0)).await;
            }
            this.inner.commit(durability).await
        })
    }
}
