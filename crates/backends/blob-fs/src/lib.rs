//! Blobs as files in a folder, one each, in 256 × 256 directories.
//!
//! It must never know who names a blob. A file appears under its id only when it is whole and synced; what isn't
//! finished has no name at all where the file system can do that, so that a crash leaves no litter. Start reading at
//! [`FsBlobs`], then at `draft`, which is where durability is.

mod ahead;
mod behind;
mod draft;
mod listing;
mod places;

use std::fs::OpenOptions;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use futures_util::stream::{StreamExt, TryStreamExt};
use updraft_blob::{BlobBody, BlobError, BlobId, BlobInfo, BlobStream, Blobs, ByteRange, Stored};
use updraft_kernel::{BoxFuture, Clock, Rng};

use crate::behind::Behind;
use crate::draft::Draft;
use crate::places::Places;

/// The blobs of one folder. Several processes may share it.
#[derive(Debug)]
pub struct FsBlobs {
    places: Arc<Places>,
    rng: Arc<dyn Rng>,
    clock: Arc<dyn Clock>,
}

impl FsBlobs {
    /// Opens the folder, which is made if it isn't there.
    ///
    /// # Errors
    /// If it can't be made or written.
    pub fn open(folder: impl Into<PathBuf>, rng: Arc<dyn Rng>, clock: Arc<dyn Clock>) -> io::Result<Self> {
        let places = Arc::new(Places::open(folder.into(), clock.real_now())?);
        Ok(Self { places, rng, clock })
    }

    async fn keep(&self, id: BlobId, mut body: BlobStream<'_>) -> Result<Stored, BlobError> {
        let places = Arc::clone(&self.places);
        let draft = blocking(move || Draft::begin(&places)).await?;
        let mut file = Behind::new(draft.file()?);
        let mut size = 0;
        while let Some(piece) = body.try_next().await? {
            size += u64::try_from(piece.len()).unwrap_or(0);
            file.write(piece).await?;
        }
        file.end().await?;
        let (places, name, now) = (Arc::clone(&self.places), id.clone(), self.clock.real_now());
        blocking(move || draft.publish(&places, &name, now)).await?;
        Ok(Stored { id, size })
    }

    async fn part(&self, id: &BlobId, range: ByteRange) -> Result<BlobBody, BlobError> {
        let path = self.places.path(id);
        let opened = blocking(move || {
            let file = OpenOptions::new().read(true).open(path)?;
            Ok((file.metadata()?.len(), file))
        });
        let (size, file) = opened.await.map_err(|err| match err {
            BlobError::Io(err) if err.kind() == io::ErrorKind::NotFound => BlobError::NotFound(id.clone()),
            err => err,
        })?;
        let len = range.of(size)?;
        Ok(BlobBody { size, len, stream: ahead::pieces(file, range.start, len).boxed() })
    }

    async fn length(&self, id: &BlobId) -> Result<Option<u64>, BlobError> {
        absent_is_none(tokio::fs::metadata(self.places.path(id)).await.map(|meta| meta.len()))
    }

    async fn remove(&self, id: &BlobId) -> Result<(), BlobError> {
        // Not synced: a blob that comes back after a power loss is unnamed, and the sweeper's.
        absent_is_none(tokio::fs::remove_file(self.places.path(id)).await).map(|_| ())
    }
}

fn absent_is_none<T>(result: io::Result<T>) -> Result<Option<T>, BlobError> {
    match result {
        Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(None),
        other => Ok(Some(other?)),
    }
}

/// Runs what waits for the disk off the async threads.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T, BlobError> {
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.map_err(io::Error::other)??)
}

impl Blobs for FsBlobs {
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
        let (places, after) = (Arc::clone(&self.places), after.cloned());
        Box::pin(blocking(move || listing::page(&places, after.as_ref(), limit)))
    }
}
