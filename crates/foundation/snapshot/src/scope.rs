//! Which rows are part of the state.

use bytes::Bytes;
use updraft_store::{KeyBuilder, KeyRange, tags};

/// Of the platform's rows, those that are this crate's own.
const MARKER: &str = "restore";
const HOLD: &str = "snapshot";

/// Every row but the store's own: its format and its last version belong to it, not to what it holds.
pub(crate) fn everything() -> KeyRange {
    KeyRange::new(vec![tags::META + 1], vec![u8::MAX])
}

/// Where it is kept that a restore is under way.
pub(crate) fn marker() -> Bytes {
    KeyBuilder::new(tags::PLATFORM).str(MARKER).build()
}

/// `(platform, "snapshot", id)`.
pub(crate) fn hold(id: u64) -> Bytes {
    KeyBuilder::new(tags::PLATFORM).str(HOLD).u64(id).build()
}

pub(crate) fn holds() -> KeyRange {
    KeyBuilder::new(tags::PLATFORM).str(HOLD).prefix_range()
}

/// Whether a row belongs to what is going on, and not to the state.
pub(crate) fn is_passing(key: &[u8]) -> bool {
    holds().contains(key) || *marker() == *key
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On disks: may never change.
    #[test]
    fn golden_keys() {
        assert_eq!(&marker()[..], b"\x04\x02restore\0");
        assert_eq!(&hold(300)[..], b"\x04\x02snapshot\0\x16\x01\x2c");
    }

    #[test]
    fn the_stores_own_rows_are_no_state_and_all_others_are() {
        assert!(!everything().contains(&updraft_store::format::key()));
        for tag in [tags::TIMERS, tags::DELIVERY, tags::PLATFORM, tags::BLOBS, tags::KMS, tags::TEST] {
            assert!(everything().contains(&[tag]), "{tag}");
        }
        assert!(is_passing(&hold(1)) && is_passing(&marker()));
        assert!(!is_passing(&KeyBuilder::new(tags::PLATFORM).str("clock").build()));
    }
}
