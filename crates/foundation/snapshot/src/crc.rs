//! Checksums: CRC-32C, which one CPU instruction computes.

use std::fmt;

use crc_fast::{CrcAlgorithm, Digest};

/// A checksum as it grows.
pub(crate) struct Crc(Digest);

impl Crc {
    pub(crate) fn new() -> Self {
        Self(Digest::new(CrcAlgorithm::Crc32Iscsi))
    }

    pub(crate) fn of(parts: &[&[u8]]) -> u32 {
        let mut crc = Self::new();
        parts.iter().for_each(|part| crc.add(part));
        crc.value()
    }

    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn value(&self) -> u32 {
        u32::try_from(self.0.finalize()).unwrap_or_default()
    }
}

impl fmt::Debug for Crc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Crc({:08x})", self.value())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_crc_32c() {
        assert_eq!(Crc::of(&[b"12345", b"6789"]), 0xE306_9283, "the check value of CRC-32/ISCSI");
    }
}
