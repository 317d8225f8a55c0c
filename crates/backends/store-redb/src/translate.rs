//! redb's errors as the seam's.

use std::io::ErrorKind;

use redb::Error as E;
use updraft_store::StoreError;

/// Every kind of error redb has becomes its widest one first.
pub(crate) fn translate(err: impl Into<E>) -> StoreError {
    let err = err.into();
    let damaged = match &err {
        E::DatabaseAlreadyOpen | E::LockProtocolMismatch => return StoreError::InUse,
        E::Corrupted(_) | E::UpgradeRequired(_) | E::TableTypeMismatch { .. } | E::TableIsMultimap(_) => true,
        // What isn't a database at all, or ends too early.
        E::Io(err) => matches!(err.kind(), ErrorKind::InvalidData | ErrorKind::UnexpectedEof),
        _ => false,
    };
    if damaged {
        let why = format!("the engine found a damaged file: {err}");
        return StoreError::Corrupt { key: Vec::new(), why };
    }
    StoreError::engine(err)
}
