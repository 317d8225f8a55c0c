//! Bringing a state back.

use std::io::SeekFrom;

use bytes::Bytes;
use futures_util::stream::{StreamExt, try_unfold};
use tokio::io::{AsyncRead, AsyncSeek, AsyncSeekExt};
use updraft_blob::{BlobError, BlobId, Blobs};
use updraft_store::{CommitVersion, Durability, Store, TxnKind};

use crate::error::SnapshotError;
use crate::marker;
use crate::rows::Pair;
use crate::verify::{Info, checked};
use crate::walk::{Item, Walk};

/// Bytes of rows per transaction, well within every store's limit.
const CHUNK: usize = 2 << 20;

/// Where a state is to go.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    pub store: &'a dyn Store,
    pub blobs: &'a dyn Blobs,
}

/// Restores a snapshot into an empty store and empty blobs: first the whole file is checked, then it is read again and
/// applied. When this answers, all of it survives power loss. `progress` is told how many bytes of twice the file's
/// size were read so far.
///
/// # Errors
/// If the snapshot can't be used or the target isn't empty: then nothing was changed. If the target or the file fails
/// midway: then [`refuse_half_restored`](crate::refuse_half_restored) tells of it ever after.
pub async fn restore(
    mut source: impl AsyncRead + AsyncSeek + Unpin + Send,
    target: Target<'_>,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<Info, SnapshotError> {
    let info = checked(&mut source, Some(target.store.limits()), progress).await?;
    marker::claim(target.store, target.blobs, &info.head.source).await?;
    let whole = source.stream_position().await?;
    source.seek(SeekFrom::Start(0)).await?;
    let (_, mut walk) = Walk::begin(source).await?;
    while let Some(item) = walk.next().await? {
        match item {
            Item::Rows(rows) => put_rows(target.store, rows).await?,
            Item::Blob { id, size } => put_blob(target.blobs, &id, size, &mut walk).await?,
            // Taken by the blob that they are of.
            Item::Piece(_) | Item::BlobEnd => {}
        }
        progress(whole + walk.at());
    }
    // What is appended from now on sorts behind what was restored.
    target.store.raise_version(CommitVersion(info.head.highest_version)).await?;
    marker::remove(target.store).await?;
    Ok(info)
}

async fn put_rows(store: &dyn Store, rows: Vec<Pair>) -> Result<(), SnapshotError> {
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let mut tx = store.begin(TxnKind::ReadWrite).await?;
        let mut room = CHUNK;
        while let Some((key, value)) = rows.next_if(|(key, value)| room == CHUNK || key.len() + value.len() <= room) {
            room = room.saturating_sub(key.len() + value.len());
            tx.put(key, value);
        }
        // Synced by the last transaction of all.
        tx.commit(Durability::Relaxed).await?;
    }
    Ok(())
}

async fn put_blob<R>(blobs: &dyn Blobs, id: &BlobId, size: u64, walk: &mut Walk<R>) -> Result<(), SnapshotError>
where
    R: AsyncRead + Unpin + Send,
{
    let body = try_unfold(walk, |walk| async move {
        let piece: Option<Bytes> = match walk.next().await.map_err(|err| BlobError::Body(Box::new(err)))? {
            Some(Item::Piece(piece)) => Some(piece),
            // Whether it was whole was checked there: an error ends the stream, and then nothing is kept.
            _ => None,
        };
        Ok(piece.map(|piece| (piece, walk)))
    });
    let stored = blobs.put_as(id, body.boxed()).await?;
    if stored.size == size { Ok(()) } else { Err(BlobError::Body("a blob was kept in part".into()).into()) }
}
