//! Cutting the journal before fjall reads it: off its end what a power loss tore, off its beginning what is in tables.
//!
//! fjall discards a last batch that ends too early. One with a hole in it, as a disk leaves it that writes its blocks
//! in any order, it takes for damage, and refuses to open the store; and its checksum is over what it has believed by
//! then. So the journal is read before fjall does it, and ends behind its last whole batch. What is cut off was never
//! synced: a batch is acknowledged after a sync of the whole file.
//!
//! fjall lets a journal grow to 64 MB, and reads all of it at each opening, what has long been in tables, too. What that
//! is was marked while it ran (see [`crate::marks`]), and is left out of a copy that takes the journal's place.
#![expect(clippy::disallowed_methods, reason = "this crate is the owner of the folder")]

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;

use updraft_files::sync_folder;
use updraft_store::{Result, StoreError};

use crate::journal::{self, Batches, Place};
use crate::mark::Mark;

/// What is written anew, before it takes the journal's place. fjall passes over names of this kind.
const COPY: &str = "journal.copy";
/// To leave out less isn't worth a copy and three syncs.
const LEAST: u64 = 16 << 10;
const PIECE: u64 = 64 << 10;

/// How many bytes are left of it.
///
/// # Errors
/// [`InUse`](StoreError::InUse) while another process writes the journal.
pub(crate) fn cut(folder: &Path) -> Result<u64> {
    // fjall takes the same lock when it opens the folder.
    let lock = match File::open(folder.join("lock")) {
        Err(err) if err.kind() == ErrorKind::NotFound => return Ok(0),
        lock => lock.map_err(StoreError::engine)?,
    };
    match lock.try_lock() {
        Ok(()) => cut_last(folder).map_err(StoreError::engine),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse),
        Err(TryLockError::Error(err)) => Err(StoreError::engine(err)),
    }
}

/// Only the last journal can be torn: each is synced before the next is made.
fn cut_last(folder: &Path) -> io::Result<u64> {
    let Some(place) = journal::last(folder)? else { return Ok(0) };
    let file = OpenOptions::new().read(true).write(true).open(&place.path)?;
    let begin = Mark::read(folder)?.map_or(Ok(0), |mark| mark.holds_until(&place, &file))?;
    let end = Batches::from(&file, begin)?.end()?;
    // No longer than what it makes shorter.
    if begin >= LEAST.max(end - begin) {
        return replace(folder, &place, &file, (begin, end)).map(|()| end - begin);
    }
    if end < file.metadata()?.len() {
        file.set_len(end)?;
        file.sync_all()?;
    }
    Ok(end)
}

/// By a copy of a part of it, which has the name only when it is safe.
fn replace(folder: &Path, place: &Place, mut file: &File, (begin, end): (u64, u64)) -> io::Result<()> {
    let path = folder.join(COPY);
    let mut copy = File::create(&path)?;
    file.seek(SeekFrom::Start(begin))?;
    let mut left = end - begin;
    let mut piece = Vec::new();
    while left > 0 {
        piece.clear();
        let read = file.take(left.min(PIECE)).read_to_end(&mut piece)?;
        if read == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        copy.write_all(&piece)?;
        left -= read as u64;
    }
    copy.sync_all()?;
    fs::rename(&path, &place.path)?;
    sync_folder(folder)
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
        let journal = journal::last(folder).unwrap().unwrap().path;
        let mut ends = Vec::new();
        for number in 0..3_u8 {
            let mut value = vec![0; 8_192];
            SeededRng::new(u64::from(number)).fill(&mut value);
            engine.apply(vec![(vec![number].into(), Some(value.into()))], true).unwrap();
            ends.push(Batches::from(&File::open(&journal).unwrap(), 0).unwrap().end().unwrap());
        }
        ends
    }

    fn rows(folder: &Path) -> usize {
        let engine = FjallEngine::open(folder, FjallOptions::default()).unwrap();
        let found = (0..3_u8).filter(|number| engine.snapshot().get(&[*number]).unwrap().is_some());
        found.count()
    }

    fn written(folder: &Path) -> File {
        OpenOptions::new().write(true).open(journal::last(folder).unwrap().unwrap().path).unwrap()
    }

    #[test]
    fn a_hole_in_the_last_batch_costs_that_batch_only() {
        for hole in [0, 16, 600, 4_096, 8_000] {
            let folder = tempfile::tempdir().unwrap();
            let ends = filled(folder.path());
            written(folder.path()).write_all_at(&[0; 64], ends[1] + hole).unwrap();
            assert_eq!(rows(folder.path()), 2, "hole at {hole}");
            assert_eq!(rows(folder.path()), 2, "hole at {hole}, opened again");
        }
    }

    #[test]
    fn a_whole_journal_stays_whole() {
        let folder = tempfile::tempdir().unwrap();
        let ends = filled(folder.path());
        assert!(ends[0] > 8_192 && ends[1] > ends[0] + 8_192, "the batches are understood: {ends:?}");
        cut(folder.path()).unwrap();
        assert_eq!(written(folder.path()).metadata().unwrap().len(), ends[2]);
        assert_eq!(rows(folder.path()), 3);
    }

    #[test]
    fn a_length_that_leads_out_of_the_file_is_no_item() {
        let folder = tempfile::tempdir().unwrap();
        let ends = filled(folder.path());
        // Behind the start (13), the item's tag, kind, compression, keyspace, and the key's length.
        written(folder.path()).write_all_at(&[0xff; 8], ends[1] + 13 + 11 + 2).unwrap();
        assert_eq!(rows(folder.path()), 2);
    }
}
