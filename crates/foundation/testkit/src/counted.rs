//! [`CountedStore`]: how often a store is asked, and what happens when it can't be.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use updraft_kernel::{BoxFuture, UnixMillis};
use updraft_store::{CommitVersion, Limits, Result, Store, StoreError, Topic, Txn, TxnKind, Watch};

/// Another store, with its transactions counted: an idle platform begins none. It can be taken down and up again.
#[derive(Debug)]
pub struct CountedStore {
    inner: Arc<dyn Store>,
    begun: AtomicU64,
    down: AtomicBool,
}

impl CountedStore {
    #[must_use]
    pub fn new(inner: Arc<dyn Store>) -> Arc<Self> {
        Arc::new(Self { inner, begun: AtomicU64::new(0), down: AtomicBool::new(false) })
    }

    /// Transactions begun so far, those refused included.
    #[must_use]
    pub fn begun(&self) -> u64 {
        self.begun.load(Ordering::SeqCst)
    }

    /// While it is down no transaction begins.
    pub fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
    }
}

impl Store for CountedStore {
    fn begin(&self, kind: TxnKind) -> BoxFuture<'_, Result<Box<dyn Txn>>> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        if self.down.load(Ordering::SeqCst) {
            return Box::pin(std::future::ready(Err(StoreError::unavailable("taken down by a test"))));
        }
        self.inner.begin(kind)
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
