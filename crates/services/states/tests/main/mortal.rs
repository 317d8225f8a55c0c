//! A store whose process dies: what it had committed until then is there, and nobody hears of anything anymore.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use tokio::sync::Notify;
use updraft_kernel::{BoxFuture, UnixMillis};
use updraft_store::{
    CommitVersion, Durability, KeyRange, Limits, Page, Result, ScanOptions, Store, Topic, Txn, TxnKind, Watch,
};

/// Lets so many transactions commit. The last one is committed, and its answer is lost.
#[derive(Debug)]
pub(crate) struct Mortal {
    inner: Arc<dyn Store>,
    life: Arc<Life>,
}

#[derive(Debug)]
struct Life {
    most: u64,
    committed: AtomicU64,
    over: Notify,
}

impl Life {
    fn is_over(&self) -> bool {
        self.committed.load(Ordering::SeqCst) >= self.most
    }
}

impl Mortal {
    pub(crate) fn new(inner: Arc<dyn Store>, most: u64) -> Arc<Self> {
        let life = Arc::new(Life { most, committed: AtomicU64::new(0), over: Notify::new() });
        Arc::new(Self { inner, life })
    }

    pub(crate) fn committed(&self) -> u64 {
        self.life.committed.load(Ordering::SeqCst)
    }

    /// Completes when it dies.
    pub(crate) async fn died(&self) {
        self.life.over.notified().await;
    }
}

impl Store for Mortal {
    fn begin(&self, kind: TxnKind) -> BoxFuture<'_, Result<Box<dyn Txn>>> {
        Box::pin(async move {
            if self.life.is_over() {
                pending::<()>().await;
            }
            let (inner, life) = (self.inner.begin(kind).await?, Arc::clone(&self.life));
            Ok(Box::new(Dying { inner, life }) as Box<dyn Txn>)
        })
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

struct Dying {
    inner: Box<dyn Txn>,
    life: Arc<Life>,
}

impl Txn for Dying {
    fn get<'a>(&'a mut self, key: &'a [u8]) -> BoxFuture<'a, Result<Option<Bytes>>> {
        self.inner.get(key)
    }
    fn get_many<'a>(&'a mut self, keys: &'a [Bytes]) -> BoxFuture<'a, Result<Vec<Option<Bytes>>>> {
        self.inner.get_many(keys)
    }
    fn scan<'a>(&'a mut self, range: KeyRange, options: ScanOptions) -> BoxFuture<'a, Result<Page>> {
        self.inner.scan(range, options)
    }
    fn put(&mut self, key: Bytes, value: Bytes) {
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
            let Self { inner, life } = *self;
            if life.is_over() {
                pending::<()>().await;
            }
            let nth = life.committed.fetch_add(1, Ordering::SeqCst) + 1;
            let committed = inner.commit(durability).await;
            if nth >= life.most {
                life.over.notify_one();
                pending::<()>().await;
            }
            committed
        })
    }
}
