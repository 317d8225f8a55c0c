//! Which format a store is in: a row of its own, the same on every backend.

use crate::error::StoreError;
use crate::key::KeyBuilder;
use crate::row::{Row, decode_row, encode_row};
use crate::seam::Result;
use crate::tags;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// What this updraft writes and the newest it reads. Grows when older ones could no longer read what is written.
pub const MAJOR: u32 = 1;

/// `(meta, format)`.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Format {
    major: u32,
    /// The version of updraft that made the folder, for people.
    created_by: String,
}

impl Row for Format {
    const VERSION: u8 = 1;
}

/// Where every backend keeps it.
#[must_use]
pub fn key() -> Bytes {
    KeyBuilder::new(tags::META).str("format").build()
}

/// Checks the format row that was found at [`key`]; where there is none, answers the one to write.
///
/// # Errors
/// [`StoreError::NewerFormat`] if a newer updraft wrote it, [`StoreError::Corrupt`] if it can't be read.
pub fn admit(found: Option<Bytes>) -> Result<Option<Bytes>> {
    match found {
        Some(row) => check(&row).map(|()| None),
        None => encode_row(&current()).map(Some),
    }
}

fn current() -> Format {
    Format { major: MAJOR, created_by: env!("CARGO_PKG_VERSION").to_owned() }
}

fn check(row: &Bytes) -> Result<()> {
    let found = decode_row::<Format>(&key(), row)?.major;
    if found > MAJOR { Err(StoreError::NewerFormat { found, known: MAJOR }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On disks: may never change.
    #[test]
    fn golden_format_row() {
        assert_eq!(&key()[..], b"\x01\x02format\x00");
        let row = encode_row(&Format { major: 1, created_by: "0.1.0".to_owned() }).unwrap();
        assert_eq!(&row[..], b"\x01\x01\x050.1.0");
    }

    #[test]
    fn a_newer_major_is_refused() {
        let row = |major| encode_row(&Format { major, ..current() }).unwrap();
        check(&row(MAJOR)).unwrap();
        assert!(matches!(check(&row(MAJOR + 1)), Err(StoreError::NewerFormat { found: 2, known: 1 })));
    }
}
