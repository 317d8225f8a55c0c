//! The store's own suite on disk, and what is particular to fjall.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod folder;
mod growth;
mod heads;

use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;
use updraft_store::{Result, Store};
use updraft_store_fjall::FjallOptions;

async fn open(folder: &Path) -> Result<Arc<dyn Store>> {
    Ok(updraft_store_fjall::open(folder, FjallOptions::default())?)
}

async fn make() -> (Arc<dyn Store>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (open(folder.path()).await.unwrap(), folder)
}

updraft_store::store_suite!(make);
updraft_store::store_durability_suite!(open);
updraft_store::store_crash_suite!(open);

/// The same, where what is in tables is marked all the time, and cut off at each opening.
mod marking {
    use super::*;

    async fn open(folder: &Path) -> Result<Arc<dyn Store>> {
        let options = FjallOptions { mark_bytes: 1 << 10, mark_pause_millis: 1, ..FjallOptions::default() };
        Ok(updraft_store_fjall::open(folder, options)?)
    }

    updraft_store::store_durability_suite!(open);
    updraft_store::store_crash_suite!(open);
}
