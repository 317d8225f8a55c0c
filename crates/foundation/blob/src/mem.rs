//! Blobs in memory: for tests and for `--ephemeral`.

use std::collections::BTreeMap;
use std::future::ready;
use std::ops::Bound;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::stream::{StreamExt, TryStreamExt, once};
use parking_lot::Mutex;
use updraft_kernel::{BoxFuture, Clock, Rng, UnixMillis};

use crate::blobs::{BlobBody, BlobInfo, BlobStream, Blobs, ByteRange, Stored};
use crate::error::BlobError;
use crate::id::BlobId;

/// Forgets everything when it is dropped.
#[derive(Debug)]
pub struct MemBlobs {
    rng: Arc<dyn Rng>,
    clock: Arc<dyn Clock>,
    blobs: Mutex<BTreeMap<BlobId, (Bytes, UnixMillis)>>,
}

impl MemBlobs {
    #[must_use]
    pub fn new(rng: Arc<dyn Rng>, clock: Arc<dyn Clock>) -> Self {
        Self { rng, clock, blobs: Mutex::default() }
    }

    fn find(&self, id: &BlobId) -> Option<Bytes> {
        self.blobs.lock().get(id).map(|(bytes, _)| bytes.clone())
    }

    async fn keep(&self, id: BlobId, body: BlobStream<'_>) -> Result<Stored, BlobError> {
        let all: BytesMut = body.map_ok(BytesMut::from).try_concat().await?;
        let bytes = all.freeze();
        let stored = Stored { id: id.clone(), size: length(&bytes) };
        self.blobs.lock().insert(id, (bytes, self.clock.real_now()));
        Ok(stored)
    }

    fn part(&self, id: &BlobId, range: ByteRange) -> Result<BlobBody, BlobError> {
        let whole = self.find(id).ok_or_else(|| BlobError::NotFound(id.clone()))?;
        let size = length(&whole);
        let len = range.of(size)?;
        let index = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(whole.len());
        let part = whole.slice(index(range.start)..index(range.start + len));
        Ok(BlobBody { size, len, stream: once(ready(Ok(part))).boxed() })
    }
}

fn length(bytes: &Bytes) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

impl Blobs for MemBlobs {
    fn put<'a>(&'a self, body: BlobStream<'a>) -> BoxFuture<'a, Result<Stored, BlobError>> {
        Box::pin(self.keep(BlobId::random(&*self.rng), body))
    }

    fn put_as<'a>(&'a self, id: &'a BlobId, body: BlobStream<'a>) -> BoxFuture<'a, Result<Stored, BlobError>> {
        Box::pin(self.keep(id.clone(), body))
    }

    fn get<'a>(&'a self, id: &'a BlobId, range: ByteRange) -> BoxFuture<'a, Result<BlobBody, BlobError>> {
        Box::pin(ready(self.part(id, range)))
    }

    fn size<'a>(&'a self, id: &'a BlobId) -> BoxFuture<'a, Result<Option<u64>, BlobError>> {
        Box::pin(ready(Ok(self.find(id).map(|bytes| length(&bytes)))))
    }

    fn delete<'a>(&'a self, id: &'a BlobId) -> BoxFuture<'a, Result<(), BlobError>> {
        self.blobs.lock().remove(id);
        Box::pin(ready(Ok(())))
    }

    fn list<'a>(&'a self, after: Option<&'a BlobId>, limit: usize) -> BoxFuture<'a, Result<Vec<BlobInfo>, BlobError>> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let blobs = self.blobs.lock();
        let info = |(id, (bytes, written)): (&BlobId, &(Bytes, UnixMillis))| BlobInfo {
            id: id.clone(),
            size: length(bytes),
            written: *written,
        };
        let page = blobs.range::<BlobId, _>((from, Bound::Unbounded)).take(limit).map(info).collect();
        Box::pin(ready(Ok(page)))
    }
}
