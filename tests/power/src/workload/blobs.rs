//! The blobs workload: each blob is kept, then named by a row; some are unnamed again and deleted.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use bytes::Bytes;
use futures_util::stream::{StreamExt, iter};
use updraft_blob::{BlobId, Blobs};
use updraft_blob_fs::FsBlobs;
use updraft_kernel::{OsRng, Rng, RngExt, SeededRng, SystemClock};
use updraft_store::{KeyRange, Store, StoreExt};

use super::engine::{Engine, store_folder};
use super::say::{Line, say};

/// Every row that names a blob begins so.
const NAMES: u8 = 0xe8;
/// Bodies come in pieces of this size.
const PIECE: usize = 20_000;

pub(crate) async fn run(engine: Engine, root: &Path, count: usize) -> Result<()> {
    let middle = count / 2;
    for blobs in [0..middle, middle..count] {
        let store = engine.open(&store_folder(root))?;
        let kept = open_blobs(root)?;
        for blob in blobs {
            keep(&*store, &kept, blob).await?;
            if blob % 3 == 2 {
                unname(&*store, &kept, blob - 1).await?;
            }
        }
        store.close().await?;
    }
    Ok(())
}

async fn keep(store: &dyn Store, blobs: &FsBlobs, blob: usize) -> Result<()> {
    let body = content(blob as u64);
    let pieces: Vec<_> = body.chunks(PIECE).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    let id = blobs.put(iter(pieces).boxed()).await?.id;
    say(&Line::Kept { blob, id: id.to_string() })?;
    let mut tx = store.write().await?;
    tx.raw().put(name_key(blob), Bytes::from(id.to_string()));
    tx.commit().await?;
    say(&Line::Named { blob })
}

/// First the name, then what it names: a crash in between leaves litter, never a name of nothing.
async fn unname(store: &dyn Store, blobs: &FsBlobs, blob: usize) -> Result<()> {
    say(&Line::Unnaming { blob })?;
    let mut tx = store.write().await?;
    let id = tx.raw().get(&name_key(blob)).await?.context("the blob has no name")?;
    tx.raw().delete(name_key(blob));
    tx.commit().await?;
    say(&Line::Unnamed { blob })?;
    Ok(blobs.delete(&BlobId::parse(std::str::from_utf8(&id)?)?).await?)
}

pub(crate) fn open_blobs(root: &Path) -> Result<FsBlobs> {
    Ok(FsBlobs::open(blobs_folder(root), Arc::new(OsRng), Arc::new(SystemClock::new()))?)
}

fn blobs_folder(root: &Path) -> PathBuf {
    root.join("data").join("blobs")
}

pub(crate) fn name_key(blob: usize) -> Bytes {
    [&[NAMES], format!("{blob:05}").as_bytes()].concat().into()
}

pub(crate) fn names() -> KeyRange {
    KeyRange::new(vec![NAMES], vec![NAMES + 1])
}

/// The bytes of a blob, which begin with its number: whoever finds them knows what they should be.
pub(crate) fn content(blob: u64) -> Bytes {
    let rng = SeededRng::new(blob);
    let len = if rng.below(3) == 0 { 60_000 } else { 5_000 };
    let mut bytes = vec![0; usize::try_from(8 + rng.below(len)).unwrap_or(8)];
    rng.fill(&mut bytes);
    bytes.iter_mut().zip(blob.to_le_bytes()).for_each(|(to, from)| *to = from);
    bytes.into()
}
