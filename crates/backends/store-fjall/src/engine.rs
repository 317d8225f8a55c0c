//! fjall as an [`Engine`].

use std::fmt;
use std::path::Path;

use bytes::Bytes;
use fjall::{Database, Guard, Keyspace, KeyspaceCreateOptions, PersistMode, Readable};
use updraft_files::make_whole;
use updraft_store::embedded::{Batch, Engine, RowResult, Snapshot};
use updraft_store::{KeyRange, Result, StoreError};

use crate::cut;
use crate::marks::Marks;
use crate::options::FjallOptions;

/// Who writes tables and merges them. One: when it meets a failure it ends, and no other may go on, for that would write again
/// the very file that names the tables (ADR 10).
const WORKERS: usize = 1;

/// One database with one keyspace: tags separate the services, and one tree means one journal write per batch.
pub struct FjallEngine {
    /// Ends before what it looks at.
    marks: Marks,
    database: Database,
    rows: Keyspace,
}

impl FjallEngine {
    /// # Errors
    /// See [`open`](crate::open).
    pub fn open(folder: &Path, options: FjallOptions) -> Result<Self> {
        // fjall also doesn't sync the folder that names its keyspaces' folders: without them it would take a store for an
        // empty one.
        make_whole(folder, StoreError::engine, |beside| open_or_make(beside, options).map(drop))?;
        let left = cut::cut(folder)?;
        let (database, rows) = open_or_make(folder, options)?;
        let marks = Marks::start(folder, rows.clone(), left, options)?;
        Ok(Self { marks, database, rows })
    }
}

fn open_or_make(folder: &Path, options: FjallOptions) -> Result<(Database, Keyspace)> {
    let builder = Database::builder(folder)
        .cache_size(options.cache_bytes)
        .worker_threads(WORKERS)
        // The least that fjall allows: journals are memory in the page cache, too.
        .max_journaling_size(64 << 20)
        .manual_journal_persist(true);
    let database = builder.open().map_err(translate)?;
    let create = || KeyspaceCreateOptions::default().max_memtable_size(options.write_buffer_bytes);
    let rows = database.keyspace("rows", create).map_err(translate)?;
    Ok((database, rows))
}

impl Engine for FjallEngine {
    type Snapshot = FjallSnapshot;

    fn snapshot(&self) -> FjallSnapshot {
        FjallSnapshot { snapshot: self.database.snapshot(), rows: self.rows.clone() }
    }

    /// fjall writes the journal, syncs it, and only then lets snapshots see the batch.
    fn apply(&self, batch: Batch, sync: bool) -> Result<()> {
        // Even unsynced batches go to the operating system, so that only a power loss can take them.
        let mode = if sync { PersistMode::SyncData } else { PersistMode::Buffer };
        let mut writes = self.database.batch().durability(Some(mode));
        let mut bytes = 0;
        for (key, value) in batch {
            bytes += key.len() + value.as_ref().map_or(0, Bytes::len);
            // Copies: kept in memory until it is a table, a slice would keep the block or the request it is cut from.
            match value {
                Some(value) => writes.insert(&self.rows, &key[..], &value[..]),
                None => writes.remove(&self.rows, &key[..]),
            }
        }
        writes.commit().map_err(translate)?;
        self.marks.wrote(bytes as u64);
        Ok(())
    }

    fn sync(&self) -> Result<()> {
        self.database.persist(PersistMode::SyncData).map_err(translate)
    }

    fn close(&self) {
        // Without it, more is read again. A disk that fails has been told of, or is by the next opening.
        drop(self.marks.finish());
    }
}

impl fmt::Debug for FjallEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FjallEngine").finish_non_exhaustive()
    }
}

/// A moment of a [`FjallEngine`]. Compaction keeps what it sees: not to be held for long.
pub struct FjallSnapshot {
    snapshot: fjall::Snapshot,
    rows: Keyspace,
}

impl Snapshot for FjallSnapshot {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>> {
        let value = self.snapshot.get(&self.rows, key).map_err(translate)?;
        Ok(value.map(Bytes::from))
    }

    fn scan<'a>(&'a self, range: &KeyRange, reverse: bool) -> Box<dyn Iterator<Item = RowResult> + Send + 'a> {
        let rows = self.snapshot.range(&self.rows, range.start.clone()..range.end.clone());
        if reverse { Box::new(rows.rev().map(row)) } else { Box::new(rows.map(row)) }
    }
}

impl fmt::Debug for FjallSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FjallSnapshot").finish_non_exhaustive()
    }
}

fn row(guard: Guard) -> RowResult {
    let (key, value) = guard.into_inner().map_err(translate)?;
    Ok((Bytes::from(key), Bytes::from(value)))
}

/// fjall's errors as the seam's.
fn translate(err: fjall::Error) -> StoreError {
    use fjall::Error as E;
    match err {
        E::Locked => StoreError::InUse,
        E::Poisoned => StoreError::Poisoned,
        E::InvalidVersion(found) => {
            corrupt(&format!("the engine's format is {found:?}, which this updraft can't read"))
        }
        E::JournalRecovery(_) | E::InvalidTrailer | E::InvalidTag(_) | E::Decompress(_) | E::Unrecoverable => {
            corrupt(&format!("the engine found damaged files: {err}"))
        }
        E::Storage(ref inner) if !matches!(inner, fjall::LsmError::Io(_)) => {
            corrupt(&format!("the engine found damaged files: {err}"))
        }
        err => StoreError::engine(err),
    }
}

fn corrupt(why: &str) -> StoreError {
    StoreError::Corrupt { key: Vec::new(), why: why.to_owned() }
}
