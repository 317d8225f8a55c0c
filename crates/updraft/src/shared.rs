//! What the nodes of one shared store have in common, kept in the store itself: the installation's secret, and which
//! blobs belong to it.

use anyhow::{Result, bail};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_blob::{BlobId, Blobs, BlobsExt};
use updraft_kernel::Rng;
use updraft_store::{Key, KeyBuilder, KeyRange, Row, Store, StoreError, StoreExt, run, tags};

use crate::data::Secret;

/// `(platform, "secret")`: what session credentials are derived from, so that every node verifies what another gave.
#[derive(Debug)]
struct SecretKey;

#[derive(Clone, Serialize, Deserialize)]
struct SecretRow {
    secret: Secret,
}

impl Row for SecretRow {
    const VERSION: u8 = 1;
}

impl Key for SecretKey {
    type Row = SecretRow;
    fn encode(&self) -> Bytes {
        KeyBuilder::new(tags::PLATFORM).str("secret").build()
    }
}

/// The secret's own place: no backup holds it.
pub(crate) fn secret_row() -> KeyRange {
    let key = SecretKey.encode();
    let behind = [&key[..], &[0]].concat();
    KeyRange::new(key, behind)
}

/// `(platform, "blobs")`: names a blob that only the store's own blobs have.
#[derive(Debug)]
struct MarkKey;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct MarkRow {
    blob: String,
}

impl Row for MarkRow {
    const VERSION: u8 = 1;
}

impl Key for MarkKey {
    type Row = MarkRow;
    fn encode(&self) -> Bytes {
        KeyBuilder::new(tags::PLATFORM).str("blobs").build()
    }
}

/// The installation's secret: the first node's to come.
///
/// # Errors
/// If the store fails.
pub(crate) async fn secret(store: &dyn Store, rng: &dyn Rng) -> Result<Secret> {
    let mut fresh = Secret::default();
    rng.fill(&mut fresh);
    let row = run(store, |mut tx| async move {
        if let Some(row) = tx.row(&SecretKey).await? {
            return Ok::<_, StoreError>(row);
        }
        let row = SecretRow { secret: fresh };
        tx.put_row(&SecretKey, &row)?;
        tx.commit().await?;
        Ok(row)
    });
    Ok(row.await?.secret)
}

/// Makes sure that these blobs are the ones that all nodes of the store use.
///
/// # Errors
/// If they are others, or can't be read.
pub(crate) async fn same_blobs(store: &dyn Store, blobs: &dyn Blobs) -> Result<()> {
    if let Some(mark) = mark(store).await? {
        return check(blobs, &mark).await;
    }
    let ours = blobs.put_bytes("The blobs of one updraft installation.".into()).await?.id;
    let row = &MarkRow { blob: ours.as_str().to_owned() };
    let first = run(store, |mut tx| async move {
        if tx.row(&MarkKey).await?.is_some() {
            return Ok::<_, StoreError>(false);
        }
        tx.put_row(&MarkKey, row)?;
        tx.commit().await?;
        Ok(true)
    });
    if first.await? {
        return Ok(());
    }
    // Another node was first: its blobs count, and they may be these.
    blobs.delete(&ours).await?;
    match mark(store).await? {
        Some(mark) => check(blobs, &mark).await,
        None => bail!("the store's mark of its blobs has vanished; start again"),
    }
}

async fn check(blobs: &dyn Blobs, mark: &BlobId) -> Result<()> {
    if blobs.exists(mark).await? {
        return Ok(());
    }
    bail!(
        "these blobs don't belong to this store: give --blobs the folder or bucket that the store's other nodes use \
         (code packages are there, and functions could not run without)"
    )
}

/// The blob that marks the store's blobs, which nobody else names.
///
/// # Errors
/// If the store fails.
pub(crate) async fn mark(store: &dyn Store) -> Result<Option<BlobId>> {
    let row = store.read().await?.row(&MarkKey).await?;
    Ok(row.map(|row| BlobId::parse(&row.blob)).transpose()?)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use updraft_blob::MemBlobs;
    use updraft_kernel::{SeededRng, SystemClock};
    use updraft_store::encode_row;

    use super::*;

    fn blobs(seed: u64) -> MemBlobs {
        MemBlobs::new(Arc::new(SeededRng::new(seed)), Arc::new(SystemClock::new()))
    }

    #[tokio::test]
    async fn every_node_gets_the_first_ones_secret() {
        let store = updraft_store_mem::open().unwrap();
        let first = secret(&*store, &SeededRng::new(1)).await.unwrap();
        assert_eq!(secret(&*store, &SeededRng::new(2)).await.unwrap(), first);
        assert_ne!(first, Secret::default());
    }

    #[tokio::test]
    async fn a_node_with_other_blobs_is_refused() {
        let (store, shared) = (updraft_store_mem::open().unwrap(), blobs(1));
        same_blobs(&*store, &shared).await.unwrap();
        same_blobs(&*store, &shared).await.unwrap();
        assert_eq!(shared.list(None, 10).await.unwrap().len(), 1);
        let err = same_blobs(&*store, &blobs(2)).await.unwrap_err();
        assert!(err.to_string().contains("--blobs"), "{err}");
    }

    /// In databases: may never change.
    #[test]
    fn golden_keys_and_rows() {
        assert_eq!(&SecretKey.encode()[..], b"\x04\x02secret\0");
        assert_eq!(&MarkKey.encode()[..], b"\x04\x02blobs\0");
        assert_eq!(&encode_row(&MarkRow { blob: "a".into() }).unwrap()[..], b"\x01\x01a");
        assert_eq!(encode_row(&SecretRow { secret: [7; 32] }).unwrap().to_vec(), [vec![1], vec![7; 32]].concat());
    }
}
