//! Blobs as objects in a store that speaks S3's protocol, for nodes that share no folder.
//!
//! It must never know who names a blob. An object appears under its id only when it is whole; what an upload that broke
//! off leaves behind are unfinished multipart uploads, which a lifecycle rule of the bucket removes. Start reading at
//! [`ObjectBlobs`].

mod listing;
mod open;

use std::fmt;
use std::sync::Arc;

use futures_util::stream::{StreamExt, TryStreamExt, empty};
use object_store::buffered::BufWriter;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, GetResult, ObjectStore, ObjectStoreExt};
use tokio::io::AsyncWriteExt;
use updraft_blob::{BlobBody, BlobError, BlobId, BlobInfo, BlobStream, Blobs, ByteRange, Stored};
use updraft_kernel::{BoxFuture, Rng};

pub use open::OpenError;

/// Bytes held of one body on its way in: below it, an object is put at once, above it in parts of this size.
const PART: usize = 8 << 20;
/// Parts of one body under way at once.
const PARTS_AT_ONCE: usize = 2;

/// The blobs below one prefix of a bucket. Several processes may share it.
pub struct ObjectBlobs {
    objects: Arc<dyn ObjectStore>,
    prefix: Path,
    rng: Arc<dyn Rng>,
}

impl ObjectBlobs {
    /// Over any object store, below `prefix`.
    #[must_use]
    pub fn new(objects: Arc<dyn ObjectStore>, prefix: Path, rng: Arc<dyn Rng>) -> Self {
        Self { objects, prefix, rng }
    }

    /// `ab/abcd…`, so that a listing can go through the blobs in order in pieces that fit in memory.
    fn path(&self, id: &BlobId) -> Path {
        self.shard(id.as_str().get(..2).unwrap_or_default()).join(id.as_str())
    }

    fn shard(&self, digits: &str) -> Path {
        self.prefix.clone().join(digits)
    }

    async fn keep(&self, id: BlobId, mut body: BlobStream<'_>) -> Result<Stored, BlobError> {
        let writer = BufWriter::with_capacity(Arc::clone(&self.objects), self.path(&id), PART);
        let mut writer = writer.with_max_concurrency(PARTS_AT_ONCE);
        match fill(&mut writer, &mut body).await {
            Ok(size) => {
                writer.shutdown().await?;
                Ok(Stored { id, size })
            }
            Err(err) => {
                give_up(&mut writer).await;
                Err(err)
            }
        }
    }

    async fn part(&self, id: &BlobId, range: ByteRange) -> Result<BlobBody, BlobError> {
        if range == ByteRange::ALL {
            let whole = self.fetch(id, GetOptions::default()).await?;
            return Ok(body(whole.meta.size, whole));
        }
        let size = self.length(id).await?.ok_or_else(|| BlobError::NotFound(id.clone()))?;
        let len = range.of(size)?;
        if len == 0 {
            return Ok(BlobBody { size, len, stream: empty().boxed() });
        }
        let wanted = GetRange::Bounded(range.start..range.start + len);
        let part = self.fetch(id, GetOptions { range: Some(wanted), ..GetOptions::default() }).await?;
        Ok(body(size, part))
    }

    async fn fetch(&self, id: &BlobId, options: GetOptions) -> Result<GetResult, BlobError> {
        self.objects.get_opts(&self.path(id), options).await.map_err(|err| translate(id, err))
    }

    async fn length(&self, id: &BlobId) -> Result<Option<u64>, BlobError> {
        match self.objects.head(&self.path(id)).await {
            Ok(meta) => Ok(Some(meta.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(err) => Err(translate(id, err)),
        }
    }

    async fn remove(&self, id: &BlobId) -> Result<(), BlobError> {
        match self.objects.delete(&self.path(id)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(err) => Err(translate(id, err)),
        }
    }
}

/// How many bytes went in.
async fn fill(writer: &mut BufWriter, body: &mut BlobStream<'_>) -> Result<u64, BlobError> {
    let mut size = 0;
    while let Some(piece) = body.try_next().await? {
        size += u64::try_from(piece.len()).unwrap_or(0);
        writer.put(piece).await.map_err(other)?;
    }
    Ok(size)
}

/// Whoever sent the body is told of its failure; what can't be cleaned up is for the log.
async fn give_up(writer: &mut BufWriter) {
    if let Err(err) = writer.abort().await {
        tracing::warn!(error = %err, "an upload that broke off can't be removed");
    }
}

fn body(size: u64, found: GetResult) -> BlobBody {
    let len = found.range.end - found.range.start;
    BlobBody { size, len, stream: found.into_stream().map_err(other).boxed() }
}

fn translate(id: &BlobId, err: object_store::Error) -> BlobError {
    match err {
        object_store::Error::NotFound { .. } => BlobError::NotFound(id.clone()),
        err => other(err),
    }
}

fn other(err: object_store::Error) -> BlobError {
    BlobError::Io(std::io::Error::other(err))
}

impl Blobs for ObjectBlobs {
    fn put<'a>(&'a self, body: BlobStream<'a>) -> BoxFuture<'a, Result<Stored, BlobError>> {
        Box::pin(self.keep(BlobId::random(&*self.rng), body))
    }

    fn put_as<'a>(&'a self, id: &'a BlobId, body: BlobStream<'a>) -> BoxFuture<'a, Result<Stored, BlobError>> {
        Box::pin(self.keep(id.clone(), body))
    }

    fn get<'a>(&'a self, id: &'a BlobId, range: ByteRange) -> BoxFuture<'a, Result<BlobBody, BlobError>> {
        Box::pin(self.part(id, range))
    }

    fn size<'a>(&'a self, id: &'a BlobId) -> BoxFuture<'a, Result<Option<u64>, BlobError>> {
        Box::pin(self.length(id))
    }

    fn delete<'a>(&'a self, id: &'a BlobId) -> BoxFuture<'a, Result<(), BlobError>> {
        Box::pin(self.remove(id))
    }

    fn list<'a>(&'a self, after: Option<&'a BlobId>, limit: usize) -> BoxFuture<'a, Result<Vec<BlobInfo>, BlobError>> {
        Box::pin(listing::page(self, after, limit))
    }
}

impl fmt::Debug for ObjectBlobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectBlobs").field("objects", &self.objects.to_string()).finish_non_exhaustive()
    }
}
