//! The typed layer: what services use.

use std::fmt;
use std::future::Future;

use bytes::Bytes;

use crate::row::{Key, decode_row, encode_row};
use crate::seam::{CommitVersion, Durability, KeyRange, Result, ScanOptions, Store, Txn, TxnKind};
use crate::watch::Topic;

/// One transaction, with typed reads and writes. Reads see its own writes. Dropping it undoes it.
pub struct Tx {
    inner: Box<dyn Txn>,
    committed: Vec<Box<dyn FnOnce() + Send>>,
}

/// What a scan found: each key as it lies in the store (take it apart with [`KeyReader`](crate::KeyReader)).
#[derive(Clone, Debug)]
pub struct RowPage<R> {
    pub rows: Vec<(Bytes, R)>,
    /// There was more in the range when a limit ended the page.
    pub more: bool,
}

impl<R> RowPage<R> {
    /// Where the next page of this scan begins (or ends, if it runs backwards): [`KeyRange::after`] or
    /// [`KeyRange::before`] this. `None` when the range is through.
    #[must_use]
    pub fn resume(&self) -> Option<&Bytes> {
        self.rows.last().filter(|_| self.more).map(|(key, _)| key)
    }
}

impl Tx {
    #[must_use]
    pub fn new(inner: Box<dyn Txn>) -> Self {
        Self { inner, committed: Vec::new() }
    }

    /// # Errors
    /// If the engine fails or the value can't be read.
    pub async fn row<K: Key>(&mut self, key: &K) -> Result<Option<K::Row>> {
        let key = key.encode();
        let value = self.inner.get(&key).await?;
        value.map(|value| decode_row(&key, &value)).transpose()
    }

    /// In the order asked for; one round trip on a networked backend.
    ///
    /// # Errors
    /// If the engine fails or a value can't be read.
    pub async fn row_many<K: Key>(&mut self, keys: &[K]) -> Result<Vec<Option<K::Row>>> {
        let keys: Vec<_> = keys.iter().map(Key::encode).collect();
        let values = self.inner.get_many(&keys).await?;
        let decode = |(key, value): (&Bytes, Option<Bytes>)| value.map(|value| decode_row(key, &value)).transpose();
        keys.iter().zip(values).map(decode).collect()
    }

    /// # Errors
    /// If the row can't be serialised.
    pub fn put_row<K: Key>(&mut self, key: &K, row: &K::Row) -> Result<()> {
        self.inner.put(key.encode(), encode_row(row)?);
        Ok(())
    }

    pub fn delete_row<K: Key>(&mut self, key: &K) {
        self.inner.delete(key.encode());
    }

    /// # Errors
    /// If the engine fails or a value can't be read.
    pub async fn rows<K: Key>(&mut self, range: KeyRange, options: ScanOptions) -> Result<RowPage<K::Row>> {
        let page = self.inner.scan(range, options).await?;
        let decode = |(key, value): (Bytes, Bytes)| decode_row(&key, &value).map(|row| (key, row));
        Ok(RowPage { rows: page.rows.into_iter().map(decode).collect::<Result<_>>()?, more: page.more })
    }

    /// Wakes the topic's watchers when, and only when, this commits.
    pub fn touch(&mut self, topic: Topic) {
        self.inner.touch(topic);
    }

    /// Runs when, and only when, this commits: for what is told to who keeps it in memory, such as metrics and logs. A crash
    /// may come before it.
    pub fn when_committed(&mut self, what: impl FnOnce() + Send + 'static) {
        self.committed.push(Box::new(what));
    }

    /// The untyped transaction under this one, for counters, versioned appends and ranges.
    pub fn raw(&mut self) -> &mut dyn Txn {
        &mut *self.inner
    }

    /// Answers when the writes survive power loss.
    ///
    /// # Errors
    /// [`Conflict`](crate::StoreError::Conflict) if another was first: nothing was applied. See
    /// [`StoreError`](crate::StoreError) for the rest.
    pub async fn commit(self) -> Result<CommitVersion> {
        self.end(Durability::Durable).await
    }

    /// Answers when the writes can be read; they survive power loss a moment later. For metrics and logs.
    ///
    /// # Errors
    /// As [`Tx::commit`].
    pub async fn commit_relaxed(self) -> Result<CommitVersion> {
        self.end(Durability::Relaxed).await
    }

    async fn end(self, durability: Durability) -> Result<CommitVersion> {
        let version = self.inner.commit(durability).await?;
        for what in self.committed {
            what();
        }
        Ok(version)
    }
}

impl fmt::Debug for Tx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tx").finish_non_exhaustive()
    }
}

/// How services begin transactions.
pub trait StoreExt {
    /// One consistent snapshot; never conflicts; writing is an error.
    fn read(&self) -> impl Future<Output = Result<Tx>> + Send;
    fn write(&self) -> impl Future<Output = Result<Tx>> + Send;
}

impl<S: Store + ?Sized> StoreExt for S {
    async fn read(&self) -> Result<Tx> {
        self.begin(TxnKind::ReadOnly).await.map(Tx::new)
    }

    async fn write(&self) -> Result<Tx> {
        self.begin(TxnKind::ReadWrite).await.map(Tx::new)
    }
}
