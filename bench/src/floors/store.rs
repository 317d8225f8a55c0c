//! The bare store: what DynamoDB's items end up in, without anything above it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use anyhow::Result;
use bytes::Bytes;
use tokio::runtime::Runtime;
use updraft_store::{Durability, KeyBuilder, ScanOptions, Store, TxnKind};
use updraft_store_fjall::FjallOptions;
use updraft_store_postgres::PostgresOptions;

use crate::load::{Took, rate};

/// The store's tag byte for rows that belong to nobody.
const TAG: u8 = 0xFE;
/// The caller whose keys are [`BareStore::put_next`]'s.
const OVER_HTTP: u32 = u32::MAX - 1;

pub(crate) struct BareStore {
    store: Arc<dyn Store>,
    runtime: Runtime,
    /// Keys of [`Self::put_next`] so far.
    next: AtomicU32,
}

impl BareStore {
    /// # Errors
    /// If the folder can't hold a store.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let entered = runtime.enter();
        let store = updraft_store_fjall::open(folder, FjallOptions::default())?;
        drop(entered);
        Ok(Self { store, runtime, next: AtomicU32::new(0) })
    }

    /// # Errors
    /// If the database can't be used.
    pub(crate) fn postgres(url: &str) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let store = runtime.block_on(updraft_store_postgres::open(url, PostgresOptions::default()))?;
        Ok(Self { store, runtime, next: AtomicU32::new(0) })
    }

    /// Durable puts of 1 KiB, each a transaction of its own.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) fn put_blind(&self, callers: u32, each: u32) -> Result<Took> {
        self.spread(callers, each, |store, key| async move {
            let mut txn = store.begin(TxnKind::ReadWrite).await?;
            txn.put(key, Bytes::from_static(&[7; 1024]));
            txn.commit(Durability::Durable).await?;
            Ok(())
        })
    }

    /// Durable puts of 1 KiB, each a transaction of its own that reads its key before, as a PutItem does.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) fn put(&self, callers: u32, each: u32) -> Result<Took> {
        self.spread(callers, each, |store, key| async move {
            put(store.as_ref(), &key, &Bytes::from_static(&[7; 1024])).await
        })
    }

    /// The same put of a body under a new key, for whoever has a caller of their own.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) async fn put_next(&self, body: Bytes) -> Result<()> {
        put(self.store.as_ref(), &key(OVER_HTTP, self.next.fetch_add(1, Ordering::Relaxed)), &body).await
    }

    pub(crate) fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Updates of one key by many callers; each is retried until it is the first.
    ///
    /// # Errors
    /// If the store fails otherwise.
    pub(crate) fn hot(&self, callers: u32, each: u32) -> Result<Took> {
        self.spread(callers, each, |store, _| async move {
            let key = key(u32::MAX, 0);
            loop {
                let mut txn = store.begin(TxnKind::ReadWrite).await?;
                txn.get(&key).await?;
                txn.put(key.clone(), Bytes::from_static(&[7; 64]));
                match txn.commit(Durability::Durable).await {
                    Err(updraft_store::StoreError::Conflict) => {}
                    other => return Ok(other.map(|_| ())?),
                }
            }
        })
    }

    /// MiB in a second, over everything [`Self::put`] has written.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) fn scan(&self) -> Result<f64> {
        self.runtime.block_on(async {
            let started = Instant::now();
            let mut txn = self.store.begin(TxnKind::ReadOnly).await?;
            let mut range = KeyBuilder::new(TAG).prefix_range();
            let options =
                ScanOptions { limit: 10_000, max_bytes: 1 << 20, reverse: false, snapshot: true, head: false };
            let mut bytes = 0;
            loop {
                let page = txn.scan(range.clone(), options).await?;
                bytes += page.rows.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>();
                match page.rows.last() {
                    Some((key, _)) if page.more => range.start = [key, &b"\0"[..]].concat().into(),
                    _ => return Ok(rate(bytes, started.elapsed()) / f64::from(1 << 20)),
                }
            }
        })
    }

    fn spread<F, Fut>(&self, callers: u32, each: u32, work: F) -> Result<Took>
    where
        F: Fn(Arc<dyn Store>, Bytes) -> Fut + Copy + Send + 'static,
        Fut: Future<Output = Result<()>> + Send,
    {
        self.runtime.block_on(async {
            let begun = Instant::now();
            let callers: Vec<_> = (0..callers)
                .map(|caller| {
                    let store = Arc::clone(&self.store);
                    tokio::spawn(async move {
                        let mut took = Vec::new();
                        for n in 0..each {
                            let started = Instant::now();
                            work(Arc::clone(&store), key(caller, n)).await?;
                            took.push(started.elapsed());
                        }
                        anyhow::Ok(took)
                    })
                })
                .collect();
            let mut each = Vec::new();
            for caller in callers {
                each.extend(caller.await??);
            }
            Ok(Took { each, wall: begun.elapsed() })
        })
    }
}

async fn put(store: &dyn Store, key: &Bytes, body: &Bytes) -> Result<()> {
    // A networked store may find conflicts between neighbours, too.
    loop {
        let mut txn = store.begin(TxnKind::ReadWrite).await?;
        txn.get(key).await?;
        txn.put(key.clone(), body.clone());
        match txn.commit(Durability::Durable).await {
            Err(updraft_store::StoreError::Conflict) => {}
            other => return Ok(other.map(|_| ())?),
        }
    }
}

fn key(caller: u32, n: u32) -> Bytes {
    KeyBuilder::new(TAG).u32(caller).u32(n).build()
}
