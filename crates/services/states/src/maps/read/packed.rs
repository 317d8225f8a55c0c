//! Compressed objects: they are read as a whole.

use std::io::Read as _;

use super::Unreadable;

/// The most bytes that an object may have when it is no longer compressed.
const LARGEST: u64 = 256 << 20;

/// AWS: it is told by its name.
pub(super) fn is_packed(key: &str) -> bool {
    [".gz", ".gzip", ".zstd", ".zst"].iter().any(|end| key.ends_with(end))
}

pub(super) fn unpacked(key: &str, bytes: &[u8]) -> Result<Vec<u8>, Unreadable> {
    if !key.ends_with(".gz") && !key.ends_with(".gzip") {
        return Err(Unreadable::never("Objects that are compressed by ZSTD can't be read."));
    }
    let (mut plain, mut reader) = (Vec::new(), flate2::read::MultiGzDecoder::new(bytes).take(LARGEST + 1));
    let wrong = |error: std::io::Error| Unreadable::never(format!("A compressed object can't be read: {error}"));
    reader.read_to_end(&mut plain).map_err(wrong)?;
    if plain.len() as u64 > LARGEST {
        return Err(Unreadable::never(format!("A compressed object may have {LARGEST} bytes at most.")));
    }
    Ok(plain)
}
