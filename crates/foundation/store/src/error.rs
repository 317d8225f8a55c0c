//! What can go wrong with a store.

use updraft_kernel::AwsError;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another transaction was first. Nothing was applied; run again.
    #[error("the transaction conflicts with another")]
    Conflict,
    /// The connection was lost during commit: it may or may not be there.
    #[error("it is not known whether the commit was applied")]
    Unknown(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("{what} of {size} bytes is over the limit of {limit}")]
    TooLarge { what: &'static str, size: usize, limit: usize },
    #[error("a write in a read-only transaction")]
    ReadOnly,
    /// The store can't be reached, or may not be written, now: nothing was applied. Later it may.
    #[error("the store can't be used now")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Nothing was applied; what is there can still be read.
    #[error("the store's disk is full")]
    Full(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What the transaction relied on is another node's by now. Nothing was applied.
    #[error("another node has taken over {0}")]
    Fenced(String),
    /// A sync failed before: nothing more is accepted.
    #[error("the store refuses writes since a sync failed; restart after checking the disk")]
    Poisoned,
    #[error("the store is closed")]
    Closed,
    #[error("the value at key {key:02x?} can't be read: {why}")]
    Corrupt { key: Vec<u8>, why: String },
    /// Made by a newer updraft.
    #[error("the data was written by format {found}, this updraft reads up to {known}; start the newer one")]
    NewerFormat { found: u32, known: u32 },
    #[error("the data folder is in use by another process")]
    InUse,
    #[error("the storage engine failed")]
    Engine(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    /// An engine's own error.
    pub fn engine(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Engine(source.into())
    }

    /// What passes: a lost connection before anything was sent to commit, a standby, a fail-over.
    pub fn unavailable(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unavailable(source.into())
    }

    /// A commit whose outcome nobody knows.
    pub fn unknown(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unknown(source.into())
    }
}

impl From<StoreError> for AwsError {
    fn from(err: StoreError) -> Self {
        match err {
            StoreError::Conflict => Self::conflict(err),
            StoreError::Unavailable(_) | StoreError::Unknown(_) | StoreError::Full(_) => Self::unavailable(err),
            _ => Self::internal(err),
        }
    }
}
