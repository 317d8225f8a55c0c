//! What must be true of the blobs workload's data after a power cut.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use updraft_blob::{BlobId, Blobs, BlobsExt, ByteRange};
use updraft_blob_fs::FsBlobs;
use updraft_store::{Store, StoreExt};

use super::store::scan;
use super::{Subject, block_on};
use crate::workload::{Engine, Line, content, name_key, names, open_blobs, store_folder};

pub(crate) struct BlobsSubject {
    pub(crate) engine: Engine,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Promises {
    kept: BTreeMap<usize, String>,
    named: BTreeSet<usize>,
    unnamed: BTreeSet<usize>,
}

#[derive(Debug)]
pub(crate) struct Found {
    /// The blobs that rows name.
    named: BTreeSet<usize>,
    /// The blobs that are there.
    kept: BTreeSet<String>,
}

/// A blob of those who come after the power cut.
const LATER: usize = 99_999;

impl Subject for BlobsSubject {
    type Promises = Promises;
    type Found = Found;

    fn promise(&self, promises: &mut Promises, line: &str) -> Result<()> {
        match &line.parse()? {
            Line::Kept { blob, id } => drop(promises.kept.insert(*blob, id.clone())),
            Line::Named { blob } => drop(promises.named.insert(*blob)),
            // From here on it may be there or not.
            Line::Unnaming { blob } => {
                promises.named.remove(blob);
            }
            Line::Unnamed { blob } => {
                promises.kept.remove(blob);
                promises.unnamed.insert(*blob);
            }
            _ => {}
        }
        Ok(())
    }

    fn recover(&self, folder: &Path) -> Result<Found> {
        block_on(self.open_twice(folder))
    }

    fn judge(&self, found: &Found, promises: &Promises) -> Result<()> {
        let lost = promises.named.difference(&found.named).next();
        ensure!(lost.is_none(), "blob {lost:?} was named, and its row isn't there");
        let back = promises.unnamed.intersection(&found.named).next();
        ensure!(back.is_none(), "blob {back:?} was unnamed, and its row is there");
        let gone = promises.kept.values().find(|id| !found.kept.contains(*id));
        ensure!(gone.is_none(), "blob {gone:?} was kept, and isn't there");
        Ok(())
    }
}

impl BlobsSubject {
    async fn open_twice(&self, root: &Path) -> Result<Found> {
        let store = self.engine.open(&store_folder(root)).context("opening the store")?;
        let blobs = open_blobs(root).context("opening the blobs")?;
        let found = Found { named: named(&*store, &blobs).await?, kept: whole(&blobs).await? };
        let id = blobs.put_bytes(content(LATER as u64)).await.context("keeping a blob after the power cut")?.id;
        let mut tx = store.write().await?;
        tx.raw().put(name_key(LATER), Bytes::from(id.to_string()));
        tx.commit().await.context("naming it after the power cut")?;
        store.close().await?;
        drop((store, blobs));
        let store = self.engine.open(&store_folder(root)).context("opening the store again")?;
        let mut again = named(&*store, &open_blobs(root)?).await?;
        ensure!(again.remove(&LATER), "what was named after the power cut is lost");
        ensure!(again == found.named, "opening it again changed it");
        store.close().await?;
        Ok(found)
    }
}

/// What rows name, each of which is whole.
async fn named(store: &dyn Store, blobs: &FsBlobs) -> Result<BTreeSet<usize>> {
    let mut found = BTreeSet::new();
    for (key, id) in scan(store, names()).await? {
        let number: usize = std::str::from_utf8(key.get(1..).unwrap_or_default())?.parse()?;
        let id = BlobId::parse(std::str::from_utf8(&id)?)?;
        let body = blobs.get_bytes(&id, ByteRange::ALL).await;
        let body = body.with_context(|| format!("blob {number} is named and can't be read"))?;
        ensure!(body == content(number as u64), "blob {number} is named and torn");
        found.insert(number);
    }
    Ok(found)
}

/// Every blob that is there, named or not; each is whole, as a file has its name only when it is.
async fn whole(blobs: &FsBlobs) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for blob in blobs.list(None, usize::MAX).await? {
        let body = blobs.get_bytes(&blob.id, ByteRange::ALL).await?;
        let number = body.first_chunk::<8>().map(|bytes| u64::from_le_bytes(*bytes)).context("a blob of nothing")?;
        ensure!(body == content(number), "blob {} is torn", blob.id);
        found.insert(blob.id.to_string());
    }
    Ok(found)
}
