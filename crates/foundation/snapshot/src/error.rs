//! What can go wrong, each a sentence for whoever typed the command.

use updraft_blob::BlobError;
use updraft_store::{MaybeConflict, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    #[error("this is not an updraft snapshot")]
    Foreign,
    #[error("the snapshot is of format {found}, and this updraft reads up to {known}; use the newer one")]
    NewerFormat { found: u16, known: u16 },
    #[error("the snapshot's data is of format {found}, and this updraft reads up to {known}; use the newer one")]
    NewerData { found: u32, known: u32 },
    #[error("the snapshot is cut off at byte {at}: it was not written to its end, or not copied whole")]
    Truncated { at: u64 },
    #[error("the snapshot is damaged at byte {at}: {what}; use another copy")]
    Damaged { at: u64, what: String },
    #[error("a {what} of {size} bytes in the snapshot is over the limit of {limit} of the store to restore into")]
    TooLarge { what: &'static str, size: usize, limit: usize },
    #[error("there is something in {0} already; restore into an empty one")]
    NotEmpty(&'static str),
    #[error("a restore into this store was begun and not finished; empty it, and restore again")]
    HalfRestored,
    #[error("the snapshot stood still for so long that blobs may have been deleted meanwhile; take it again")]
    HoldLost,
    #[error("the store failed")]
    Store(#[from] StoreError),
    #[error("the blobs failed")]
    Blob(#[from] BlobError),
    #[error("reading or writing the snapshot failed")]
    Io(#[from] std::io::Error),
}

impl SnapshotError {
    pub(crate) fn damaged(at: u64, what: impl Into<String>) -> Self {
        Self::Damaged { at, what: what.into() }
    }
}

impl MaybeConflict for SnapshotError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Store(StoreError::Conflict))
    }
}
