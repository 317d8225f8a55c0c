//! Opening what keeps the state: for the platform, and for the commands that work on state without one.

use std::sync::Arc;

use anyhow::Result;
use updraft_blob::{Blobs, MemBlobs};
use updraft_blob_fs::FsBlobs;
use updraft_kernel::{Clock, Rng};
use updraft_store::{Store, StoreError};
use updraft_store_fjall::FjallOptions;

use crate::config::Config;
use crate::data::DataFolder;

/// The rows.
///
/// # Errors
/// If they are in use, damaged, or written by a newer updraft: with what to do.
pub(crate) async fn store(config: &Config, data: &DataFolder) -> Result<Arc<dyn Store>> {
    if config.data.is_none() {
        return Ok(updraft_store_mem::open()?);
    }
    let store = updraft_store_fjall::open(&data.store(), FjallOptions::default()).map_err(|err| advised(err, data))?;
    Ok(store)
}

/// The bytes too large for rows.
///
/// # Errors
/// If they can't be reached or written.
pub(crate) async fn blobs(
    config: &Config,
    data: &DataFolder,
    rng: Arc<dyn Rng>,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn Blobs>> {
    Ok(match config.data {
        Some(_) => Arc::new(FsBlobs::open(data.blobs(), rng, clock)?),
        None => Arc::new(MemBlobs::new(rng, clock)),
    })
}

/// What state there is, in a few words for people.
pub(crate) fn described(config: &Config, data: &DataFolder) -> String {
    match config.data {
        Some(_) => format!("fjall in {}", data.root().display()),
        None => "memory only: everything is lost at the end (--ephemeral)".to_owned(),
    }
}

fn advised(err: StoreError, data: &DataFolder) -> anyhow::Error {
    let shown = data.root().display();
    let advice = match err {
        StoreError::InUse => {
            format!("another updraft runs on {shown}; stop it, or choose another folder with --data")
        }
        StoreError::NewerFormat { .. } => format!("{shown} was written by a newer updraft"),
        StoreError::Corrupt { .. } => {
            format!("{shown} is damaged; restore it from a snapshot, or choose another with --data")
        }
        _ => format!("the store in {shown} can't be opened"),
    };
    anyhow::Error::new(err).context(advice)
}
