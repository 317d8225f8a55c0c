//! Up to where a journal is in tables: written while fjall runs, read before it is opened the next time.
//!
//! Nothing depends on it being there, or being new: without it, more is read again than need be. It is never synced. One
//! that a power loss tore isn't believed, nor one of another file: a journal that was cut begins with another batch.
#![expect(clippy::disallowed_methods, reason = "this crate is the owner of the folder")]

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;

use xxhash_rust::xxh3::xxh3_64;

use crate::journal::{Batch, Batches, Place};

const NAME: &str = "flushed";
/// Before it has its name.
const DRAFT: &str = "flushed.draft";
/// Four numbers of eight bytes.
const LENGTH: usize = 32;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Of the journal.
    pub(crate) number: u64,
    /// The checksum of the batch that it begins with.
    pub(crate) first: u64,
    /// All batches that end here or before are in tables.
    pub(crate) until: u64,
}

impl Mark {
    /// # Errors
    /// If it can't be written.
    pub(crate) fn write(self, folder: &Path) -> io::Result<()> {
        let draft = folder.join(DRAFT);
        fs::write(&draft, self.to_bytes())?;
        fs::rename(draft, folder.join(NAME))
    }

    /// `None`: there is none, or none that is whole.
    pub(crate) fn read(folder: &Path) -> io::Result<Option<Self>> {
        match fs::read(folder.join(NAME)) {
            Ok(bytes) => Ok(Self::from_bytes(&bytes)),
            Err(err) if err.kind() == ErrorKind::NotFound => Ok(None),
            Err(err) => Err(err),
        }
    }

    /// Up to where this file is in tables.
    pub(crate) fn holds_until(self, place: &Place, file: &File) -> io::Result<u64> {
        let first = Batches::from(file, 0)?.next()?;
        let same = place.number == self.number && first.is_some_and(|first: Batch| first.sum == self.first);
        Ok(if same && self.until <= file.metadata()?.len() { self.until } else { 0 })
    }

    fn to_bytes(self) -> [u8; LENGTH] {
        let mut bytes = [0; LENGTH];
        let numbers = [self.number, self.first, self.until].map(u64::to_le_bytes);
        let sum = xxh3_64(numbers.as_flattened()).to_le_bytes();
        bytes.copy_from_slice([numbers[0], numbers[1], numbers[2], sum].as_flattened());
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (numbers, sum) = bytes.split_last_chunk::<8>()?;
        let (&[number, first, until], []) = numbers.as_chunks::<8>() else { return None };
        let [number, first, until] = [number, first, until].map(u64::from_le_bytes);
        (xxh3_64(numbers) == u64::from_le_bytes(*sum)).then_some(Self { number, first, until })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_mark_is_believed() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Mark::read(folder.path()).unwrap(), None);
        let mark = Mark { number: 1, first: 2, until: 3 };
        mark.write(folder.path()).unwrap();
        assert_eq!(Mark::read(folder.path()).unwrap(), Some(mark));
        let bytes = mark.to_bytes();
        for length in 0..LENGTH {
            assert_eq!(Mark::from_bytes(&bytes[..length]), None);
            let mut other = bytes;
            other[length] ^= 1;
            assert_eq!(Mark::from_bytes(&other), None);
        }
    }
}
