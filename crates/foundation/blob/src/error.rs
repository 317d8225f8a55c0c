//! What can go wrong with blobs.

use std::io::ErrorKind;

use updraft_kernel::AwsError;

use crate::id::BlobId;

#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    #[error("there is no blob {0}")]
    NotFound(BlobId),
    #[error("byte {start} is behind the end of a blob of {size} bytes")]
    Range { start: u64, size: u64 },
    #[error("{0:?} is no blob id")]
    Id(String),
    /// Whoever sends the bytes failed; nothing was kept.
    #[error("the bytes to keep could not be had")]
    Body(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("reading or writing a blob failed")]
    Io(#[from] std::io::Error),
}

impl From<BlobError> for AwsError {
    fn from(err: BlobError) -> Self {
        match &err {
            // As a store says it: the client may try again, once there is room.
            BlobError::Io(io) if matches!(io.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => {
                Self::unavailable(err)
            }
            _ => Self::internal(err),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_may_have_room_later() {
        let status = |kind: ErrorKind| AwsError::from(BlobError::Io(kind.into())).code().status;
        assert_eq!((status(ErrorKind::StorageFull), status(ErrorKind::PermissionDenied)), (503, 500));
    }
}
