//! The row that says that a restore is under way: written first, removed last, so that half of a state is never
//! taken for the whole.

use serde::{Deserialize, Serialize};
use updraft_blob::Blobs;
use updraft_store::{Row, ScanOptions, Store, StoreExt, Tx, encode_row};

use crate::error::SnapshotError;
use crate::scope;

#[derive(Serialize, Deserialize)]
struct RestoreRow {
    /// What is being restored, for people.
    source: String,
}

impl Row for RestoreRow {
    const VERSION: u8 = 1;
}

/// For whoever opens a store to serve from it.
///
/// # Errors
/// [`SnapshotError::HalfRestored`] if a restore into it was begun and not finished.
pub async fn refuse_half_restored(store: &dyn Store) -> Result<(), SnapshotError> {
    let marker = store.read().await?.raw().get(&scope::marker()).await?;
    if marker.is_some() { Err(SnapshotError::HalfRestored) } else { Ok(()) }
}

/// Takes an empty store and empty blobs for a restore.
///
/// # Errors
/// If there is something in them, or the store fails.
pub(crate) async fn claim(store: &dyn Store, blobs: &dyn Blobs, source: &str) -> Result<(), SnapshotError> {
    let mut tx = store.write().await?;
    let found = tx.raw().scan(scope::everything(), ScanOptions::limit(1)).await?;
    if !found.rows.is_empty() {
        refuse_half_restored(store).await?;
        return Err(SnapshotError::NotEmpty("the store"));
    }
    if !blobs.list(None, 1).await?.is_empty() {
        return Err(SnapshotError::NotEmpty("the place for blobs"));
    }
    put(&mut tx, source)?;
    tx.commit().await?;
    Ok(())
}

fn put(tx: &mut Tx, source: &str) -> Result<(), SnapshotError> {
    let row = encode_row(&RestoreRow { source: source.to_owned() })?;
    tx.raw().put(scope::marker(), row);
    Ok(())
}

/// The state is whole. Durable, and with it everything written before.
///
/// # Errors
/// If the store fails.
pub(crate) async fn remove(store: &dyn Store) -> Result<(), SnapshotError> {
    let mut tx = store.write().await?;
    tx.raw().delete(scope::marker());
    tx.commit().await?;
    Ok(())
}
