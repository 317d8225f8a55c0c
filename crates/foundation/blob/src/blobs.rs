//! The seam that backends implement.

use std::fmt;
use std::future::ready;

use bytes::{Bytes, BytesMut};
use futures_util::stream::{BoxStream, StreamExt, TryStreamExt, once};
use updraft_kernel::{BoxFuture, UnixMillis};

use crate::error::BlobError;
use crate::id::BlobId;

/// Bytes in order, in pieces of any size.
pub type BlobStream<'a> = BoxStream<'a, Result<Bytes, BlobError>>;

/// Which bytes are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ByteRange {
    pub start: u64,
    /// At most so many; `None`: all that follow.
    pub len: Option<u64>,
}

impl ByteRange {
    pub const ALL: Self = Self { start: 0, len: None };

    #[must_use]
    pub const fn new(start: u64, len: u64) -> Self {
        Self { start, len: Some(len) }
    }

    /// How many bytes this is of a blob of `size`.
    ///
    /// # Errors
    /// If it begins behind the end. To begin exactly at the end is an empty range.
    pub fn of(self, size: u64) -> Result<u64, BlobError> {
        let left = size.checked_sub(self.start).ok_or(BlobError::Range { start: self.start, size })?;
        Ok(self.len.map_or(left, |len| len.min(left)))
    }
}

/// A blob that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub id: BlobId,
    /// In bytes.
    pub size: u64,
}

/// What was asked for of a blob.
pub struct BlobBody {
    /// Of the whole blob, in bytes.
    pub size: u64,
    /// Of the part that `stream` gives, in bytes.
    pub len: u64,
    pub stream: BlobStream<'static>,
}

impl fmt::Debug for BlobBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlobBody").field("size", &self.size).field("len", &self.len).finish_non_exhaustive()
    }
}

/// One line of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobInfo {
    pub id: BlobId,
    pub size: u64,
    /// Real time at which it was kept.
    pub written: UnixMillis,
}

pub trait Blobs: Send + Sync + fmt::Debug + 'static {
    /// Keeps the bytes under a new id, and answers when they survive power loss. If the stream fails, nothing is
    /// kept. Memory doesn't grow with the size.
    fn put<'a>(&'a self, body: BlobStream<'a>) -> BoxFuture<'a, Result<Stored, BlobError>>;
    /// The same under an id that was made elsewhere, of which there must be no blob yet: for bringing back blobs that
    /// rows already name.
    fn put_as<'a>(&'a self, id: &'a BlobId, body: BlobStream<'a>) -> BoxFuture<'a, Result<Stored, BlobError>>;
    /// The stream may be read after the blob was deleted.
    fn get<'a>(&'a self, id: &'a BlobId, range: ByteRange) -> BoxFuture<'a, Result<BlobBody, BlobError>>;
    /// The size, if there is such a blob.
    fn size<'a>(&'a self, id: &'a BlobId) -> BoxFuture<'a, Result<Option<u64>, BlobError>>;
    /// Deleting what isn't there is no error.
    fn delete<'a>(&'a self, id: &'a BlobId) -> BoxFuture<'a, Result<(), BlobError>>;
    /// Up to `limit` blobs in order of their ids, those behind `after`; none: that was all.
    fn list<'a>(&'a self, after: Option<&'a BlobId>, limit: usize) -> BoxFuture<'a, Result<Vec<BlobInfo>, BlobError>>;
}

/// What callers ask of [`Blobs`] when the bytes are few enough to be held at once.
pub trait BlobsExt {
    fn put_bytes(&self, bytes: Bytes) -> impl Future<Output = Result<Stored, BlobError>> + Send;
    fn get_bytes(&self, id: &BlobId, range: ByteRange) -> impl Future<Output = Result<Bytes, BlobError>> + Send;
    fn exists(&self, id: &BlobId) -> impl Future<Output = Result<bool, BlobError>> + Send;
}

impl<B: Blobs + ?Sized> BlobsExt for B {
    async fn put_bytes(&self, bytes: Bytes) -> Result<Stored, BlobError> {
        self.put(once(ready(Ok(bytes))).boxed()).await
    }

    async fn get_bytes(&self, id: &BlobId, range: ByteRange) -> Result<Bytes, BlobError> {
        let body = self.get(id, range).await?;
        let all = BytesMut::with_capacity(usize::try_from(body.len).unwrap_or(0));
        let add = |mut all: BytesMut, piece: Bytes| async move {
            all.extend_from_slice(&piece);
            Ok(all)
        };
        body.stream.try_fold(all, add).await.map(BytesMut::freeze)
    }

    async fn exists(&self, id: &BlobId) -> Result<bool, BlobError> {
        Ok(self.size(id).await?.is_some())
    }
}
