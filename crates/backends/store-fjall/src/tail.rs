//! Cutting off what a power loss tore at the end of the journal.
//!
//! fjall discards a last batch that ends too early. One with a hole in it, as a disk leaves it that writes its blocks
//! in any order, it takes for damage, and refuses to open the store; and its checksum is over what it has believed by
//! then. So the journal is read before fjall does it, and ends behind its last whole batch. What is cut off was never
//! synced: a batch is acknowledged after a sync of the whole file.
#![expect(clippy::disallowed_methods, reason = "this crate is the owner of the folder")]

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

use updraft_store::{Result, StoreError};
use xxhash_rust::xxh3::Xxh3;

/// In fjall's journal each batch is a start, its items, and an end with a checksum over the items.
const START: u8 = 1;
const ITEM: u8 = 2;
const END: u8 = 3;
const CLEAR: u8 = 4;
const MAGIC: [u8; 4] = *b"FJL\x03";

/// # Errors
/// [`InUse`](StoreError::InUse) while another process writes the journal.
pub(crate) fn cut_off(folder: &Path) -> Result<()> {
    // fjall takes the same lock when it opens the folder.
    let lock = match File::open(folder.join("lock")) {
        Err(err) if err.kind() == ErrorKind::NotFound => return Ok(()),
        lock => lock.map_err(StoreError::engine)?,
    };
    match lock.try_lock() {
        Ok(()) => cut_off_last(folder).map_err(StoreError::engine),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse),
        Err(TryLockError::Error(err)) => Err(StoreError::engine(err)),
    }
}

/// Only the last journal can be torn: each is synced before the next is made.
fn cut_off_last(folder: &Path) -> io::Result<()> {
    let Some(path) = last_journal(folder)? else { return Ok(()) };
    let file = OpenOptions::new().read(true).write(true).open(&path)?;
    let len = file.metadata()?.len();
    let whole = whole_batches(&file, len)?;
    if whole < len {
        file.set_len(whole)?;
        file.sync_all()?;
    }
    Ok(())
}

/// Journals are called by their numbers.
fn last_journal(folder: &Path) -> io::Result<Option<PathBuf>> {
    let mut last = None;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "jnl")
            && let Some(number) = path.file_stem().and_then(|stem| stem.to_str()?.parse::<u64>().ok())
        {
            last = last.max(Some((number, path)));
        }
    }
    Ok(last.map(|(_, path)| path))
}

/// Where the last of the whole batches ends that the file begins with.
fn whole_batches(file: &File, len: u64) -> io::Result<u64> {
    let mut journal = Journal { file: BufReader::with_capacity(64 << 10, file), at: 0, len, sum: Xxh3::new() };
    let mut whole = 0;
    loop {
        match journal.batch() {
            Ok(true) => whole = journal.at,
            Ok(false) => return Ok(whole),
            Err(err) if err.kind() == ErrorKind::UnexpectedEof => return Ok(whole),
            Err(err) => return Err(err),
        }
    }
}

struct Journal<'a> {
    file: BufReader<&'a File>,
    at: u64,
    len: u64,
    /// Over the items of this batch so far.
    sum: Xxh3,
}

impl Journal<'_> {
    /// Whether a whole batch is next.
    fn batch(&mut self) -> io::Result<bool> {
        if self.bytes::<1>()? != [START] {
            return Ok(false);
        }
        let count = u32::from_le_bytes(self.bytes()?);
        let _seqno: [u8; 8] = self.bytes()?;
        self.sum.reset();
        for _ in 0..count {
            if !self.item()? {
                return Ok(false);
            }
        }
        let sum = self.sum.digest();
        Ok(self.bytes()? == [END] && self.bytes()? == sum.to_le_bytes() && self.bytes()? == MAGIC)
    }

    /// Whether one more item follows.
    fn item(&mut self) -> io::Result<bool> {
        match self.summed()? {
            [CLEAR] => self.summed::<8>().map(|_| true),
            [ITEM] => {
                let _kind_compression_keyspace: [u8; 10] = self.summed()?;
                let key = u16::from_le_bytes(self.summed()?);
                let _value_as_given: [u8; 4] = self.summed()?;
                let value = u32::from_le_bytes(self.summed()?);
                self.sum_up(u64::from(key) + u64::from(value))
            }
            _ => Ok(false),
        }
    }

    /// Whether so many bytes follow, which a torn length needn't be true about.
    fn sum_up(&mut self, count: u64) -> io::Result<bool> {
        if count > self.len.saturating_sub(self.at) {
            return Ok(false);
        }
        let mut left = count;
        let mut piece = [0; 4_096];
        while left > 0 {
            let part = piece.get_mut(..usize::try_from(left).unwrap_or(usize::MAX).min(4_096)).unwrap_or_default();
            self.file.read_exact(part)?;
            self.sum.update(part);
            left -= part.len() as u64;
        }
        self.at += count;
        Ok(true)
    }

    fn summed<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let bytes = self.bytes()?;
        self.sum.update(&bytes);
        Ok(bytes)
    }

    fn bytes<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.file.read_exact(&mut bytes)?;
        self.at += N as u64;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileExt;

    use updraft_kernel::{Rng, SeededRng};
    use updraft_store::embedded::{Engine, Snapshot};

    use super::*;
    use crate::{FjallEngine, FjallOptions};

    /// Three batches of 8 KiB each, which can't be compressed; where each of them ends.
    fn filled(folder: &Path) -> Vec<u64> {
        let engine = FjallEngine::open(folder, FjallOptions::default()).unwrap();
        let journal = last_journal(folder).unwrap().unwrap();
        let mut ends = Vec::new();
        for number in 0..3_u8 {
            let mut value = vec![0; 8_192];
            SeededRng::new(u64::from(number)).fill(&mut value);
            engine.apply(vec![(vec![number].into(), Some(value.into()))], true).unwrap();
            ends.push(whole_batches(&File::open(&journal).unwrap(), u64::MAX).unwrap());
        }
        ends
    }

    fn rows(folder: &Path) -> usize {
        let engine = FjallEngine::open(folder, FjallOptions::default()).unwrap();
        let found = (0..3_u8).filter(|number| engine.snapshot().get(&[*number]).unwrap().is_some());
        found.count()
    }

    fn journal(folder: &Path) -> File {
        OpenOptions::new().write(true).open(last_journal(folder).unwrap().unwrap()).unwrap()
    }

    #[test]
    fn a_hole_in_the_last_batch_costs_that_batch_only() {
        for hole in [0, 16, 600, 4_096, 8_000] {
            let folder = tempfile::tempdir().unwrap();
            let ends = filled(folder.path());
            journal(folder.path()).write_all_at(&[0; 64], ends[1] + hole).unwrap();
            assert_eq!(rows(folder.path()), 2, "hole at {hole}");
            assert_eq!(rows(folder.path()), 2, "hole at {hole}, opened again");
        }
    }

    #[test]
    fn a_whole_journal_stays_whole() {
        let folder = tempfile::tempdir().unwrap();
        let ends = filled(folder.path());
        assert!(ends[0] > 8_192 && ends[1] > ends[0] + 8_192, "the batches are understood: {ends:?}");
        cut_off(folder.path()).unwrap();
        assert_eq!(last_journal(folder.path()).unwrap().unwrap().metadata().unwrap().len(), ends[2]);
        assert_eq!(rows(folder.path()), 3);
    }

    #[test]
    fn a_length_that_leads_out_of_the_file_is_no_item() {
        let folder = tempfile::tempdir().unwrap();
        let ends = filled(folder.path());
        // Behind the start (13), the item's tag, kind, compression, keyspace, and the key's length.
        journal(folder.path()).write_all_at(&[0xff; 8], ends[1] + 13 + 11 + 2).unwrap();
        assert_eq!(rows(folder.path()), 2);
    }
}
