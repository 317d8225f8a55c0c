//! The embedded stores, set so that little data makes them do all they ever do.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use updraft_store::{Result, Store};
use updraft_store_fjall::FjallOptions;
use updraft_store_redb::RedbOptions;

/// Which one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Engine {
    Fjall,
    Redb,
}

impl Engine {
    /// With write buffers so small that tables are written and merged after a few transactions, and what is in them is
    /// marked soon.
    pub(crate) fn open(self, folder: &Path) -> Result<Arc<dyn Store>> {
        let fjall = FjallOptions {
            cache_bytes: 1 << 20,
            write_buffer_bytes: 24 << 10,
            mark_bytes: 4 << 10,
            mark_pause_millis: 5,
        };
        let store: Arc<dyn Store> = match self {
            Self::Fjall => updraft_store_fjall::open(folder, fjall)?,
            Self::Redb => updraft_store_redb::open(folder, RedbOptions { cache_bytes: 1 << 20 })?,
        };
        Ok(store)
    }
}

/// As a data folder has it: neither the store's own folder nor the one around it is there at first.
pub(crate) fn store_folder(root: &Path) -> PathBuf {
    root.join("data").join("store")
}
