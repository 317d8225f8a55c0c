//! Which format the folder is in: a row of the store's own, so that every engine could have it.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_store::embedded::{Engine, Snapshot};
use updraft_store::{KeyBuilder, Result, Row, StoreError, decode_row, encode_row, tags};

/// What this updraft writes and the newest it reads. Grows when older ones could no longer read what is written.
const MAJOR: u32 = 1;

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

fn key() -> Bytes {
    KeyBuilder::new(tags::META).str("format").build()
}

/// Checks the format of what is there, or writes it where nothing is.
pub(crate) fn admit(engine: &impl Engine) -> Result<()> {
    match engine.snapshot().get(&key())? {
        Some(row) => check(&row),
        None => engine.apply(vec![(key(), Some(encode_row(&current())?))], true),
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
