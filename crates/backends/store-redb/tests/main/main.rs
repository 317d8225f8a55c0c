//! The store's own suite over redb, and what is particular to it.
#![expect(clippy::unwrap_used, reason = "tests")]

mod folder;

use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;
use updraft_store::{Result, Store};
use updraft_store_redb::RedbOptions;

async fn open(folder: &Path) -> Result<Arc<dyn Store>> {
    Ok(updraft_store_redb::open(folder, RedbOptions::default())?)
}

async fn make() -> (Arc<dyn Store>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (open(folder.path()).await.unwrap(), folder)
}

updraft_store::store_suite!(make);
updraft_store::store_durability_suite!(open);
updraft_store::store_crash_suite!(open);
