//! One transaction that may fail on its way.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use updraft_kernel::BoxFuture;

use super::dice::Fate;
use super::store::{Late, Way};
use crate::error::StoreError;
use crate::seam::{CommitVersion, Durability, KeyRange, Page, Result, ScanOptions, Txn};
use crate::watch::Topic;

pub(super) struct FaultyTxn {
    way: Arc<Way>,
    inner: Box<dyn Txn>,
    began: Duration,
    /// What only reads has no outcome that could be unknown.
    writes: bool,
}

impl FaultyTxn {
    pub(super) fn new(way: Arc<Way>, inner: Box<dyn Txn>, began: Duration) -> Self {
        Self { way, inner, began, writes: false }
    }

    fn writing(&mut self) -> &mut dyn Txn {
        self.writes = true;
        &mut *self.inner
    }

    async fn finish(self, durability: Durability) -> Result<CommitVersion> {
        let Self { way, inner, began, writes } = self;
        way.reach().await?;
        if way.is_too_old(began) {
            return Err(StoreError::Conflict);
        }
        let fate = if writes { way.faults().of_commit(&*way.rng) } else { Fate::Arrives };
        if fate != Fate::Arrives {
            way.count();
        }
        match fate {
            Fate::Arrives => {
                let answer = inner.commit(durability).await;
                way.travel().await;
                if writes && way.is_cut() { Err(unknown()) } else { answer }
            }
            Fate::Conflict => Err(StoreError::Conflict),
            Fate::Lost => Err(unknown()),
            Fate::Late => {
                way.later(Late { commit: inner.commit(durability), began });
                Err(unknown())
            }
            Fate::AnswerLost => {
                let applied = inner.commit(durability).await;
                tracing::debug!(?applied, "an answer is lost");
                Err(unknown())
            }
        }
    }
}

fn unknown() -> StoreError {
    StoreError::unknown("the way to the store was cut during the commit")
}

impl Txn for FaultyTxn {
    fn get<'a>(&'a mut self, key: &'a [u8]) -> BoxFuture<'a, Result<Option<Bytes>>> {
        Box::pin(async {
            self.way.reach().await?;
            let found = self.inner.get(key).await;
            self.way.travel().await;
            found
        })
    }

    fn get_many<'a>(&'a mut self, keys: &'a [Bytes]) -> BoxFuture<'a, Result<Vec<Option<Bytes>>>> {
        Box::pin(async {
            self.way.reach().await?;
            let found = self.inner.get_many(keys).await;
            self.way.travel().await;
            found
        })
    }

    fn scan<'a>(&'a mut self, range: KeyRange, options: ScanOptions) -> BoxFuture<'a, Result<Page>> {
        Box::pin(async move {
            self.way.reach().await?;
            let found = self.inner.scan(range, options).await;
            self.way.travel().await;
            found
        })
    }

    fn put(&mut self, key: Bytes, value: Bytes) {
        self.writing().put(key, value);
    }

    fn delete(&mut self, key: Bytes) {
        self.writing().delete(key);
    }

    fn delete_range(&mut self, range: KeyRange) {
        self.writing().delete_range(range);
    }

    fn add_i64(&mut self, key: Bytes, delta: i64) {
        self.writing().add_i64(key, delta);
    }

    fn put_versioned(&mut self, prefix: Bytes, suffix: Bytes, value: Bytes) {
        self.writing().put_versioned(prefix, suffix, value);
    }

    fn touch(&mut self, topic: Topic) {
        self.inner.touch(topic);
    }

    fn commit(self: Box<Self>, durability: Durability) -> BoxFuture<'static, Result<CommitVersion>> {
        Box::pin(self.finish(durability))
    }
}
