//! redb as an [`Engine`].

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::RwLock;
use redb::{AccessGuard, Database, Durability, ReadOnlyTable, ReadableDatabase, TableDefinition};
use updraft_files::{make_folder, make_whole};
use updraft_store::embedded::{Batch, Engine, RowResult, Snapshot};
use updraft_store::{KeyRange, Result, StoreError};

use crate::options::RedbOptions;
use crate::translate::translate;

type Rows = ReadOnlyTable<&'static [u8], &'static [u8]>;

/// One table: tags separate the services.
const ROWS: TableDefinition<'_, &'static [u8], &'static [u8]> = TableDefinition::new("rows");
const FILE: &str = "rows.redb";

/// One database in one file.
pub struct RedbEngine {
    database: Database,
    /// What the last batch left, opened once for all transactions that begin before the next.
    latest: RwLock<Arc<Rows>>,
}

impl RedbEngine {
    /// # Errors
    /// See [`open`](crate::open).
    pub fn open(folder: &Path, options: RedbOptions) -> Result<Self> {
        make_whole(folder, StoreError::engine, |beside| Self::open_or_make(beside, options).map(drop))?;
        Self::open_or_make(folder, options)
    }

    fn open_or_make(folder: &Path, options: RedbOptions) -> Result<Self> {
        make_folder(folder).map_err(StoreError::engine)?;
        let database =
            Database::builder().set_cache_size(options.cache_bytes).create(folder.join(FILE)).map_err(translate)?;
        let making = database.begin_write().map_err(translate)?;
        making.open_table(ROWS).map_err(translate)?;
        making.commit().map_err(translate)?;
        let latest = RwLock::new(Arc::new(rows(&database)?));
        Ok(Self { database, latest })
    }

    fn commit(&self, batch: Batch, durability: Durability) -> Result<()> {
        let mut writing = self.database.begin_write().map_err(translate)?;
        writing.set_durability(durability).map_err(translate)?;
        let mut table = writing.open_table(ROWS).map_err(translate)?;
        for (key, value) in batch {
            match value {
                Some(value) => drop(table.insert(&key[..], &value[..]).map_err(translate)?),
                None => drop(table.remove(&key[..]).map_err(translate)?),
            }
        }
        drop(table);
        writing.commit().map_err(translate)
    }
}

fn rows(database: &Database) -> Result<Rows> {
    let reading = database.begin_read().map_err(translate)?;
    reading.open_table(ROWS).map_err(translate)
}

impl Engine for RedbEngine {
    type Snapshot = RedbSnapshot;

    fn snapshot(&self) -> RedbSnapshot {
        RedbSnapshot { rows: Arc::clone(&self.latest.read()) }
    }

    /// redb writes a batch beside what is there, syncs it with the root that leads to it, and only then is it taken
    /// for the latest. Unsynced batches are its own until the next synced one: a process that dies loses them.
    fn apply(&self, batch: Batch, sync: bool) -> Result<()> {
        self.commit(batch, if sync { Durability::Immediate } else { Durability::None })?;
        *self.latest.write() = Arc::new(rows(&self.database)?);
        Ok(())
    }

    fn sync(&self) -> Result<()> {
        self.commit(Batch::new(), Durability::Immediate)
    }
}

impl fmt::Debug for RedbEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedbEngine").finish_non_exhaustive()
    }
}

/// A moment of a [`RedbEngine`]. Its pages aren't used again before it is gone: not to be held for long.
pub struct RedbSnapshot {
    rows: Arc<Rows>,
}

impl Snapshot for RedbSnapshot {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>> {
        let value = self.rows.get(key).map_err(translate)?;
        Ok(value.map(|value| Bytes::copy_from_slice(value.value())))
    }

    fn scan<'a>(&'a self, range: &KeyRange, reverse: bool) -> Box<dyn Iterator<Item = RowResult> + Send + 'a> {
        let rows = match self.rows.range::<&[u8]>(&range.start[..]..&range.end[..]) {
            Ok(rows) => rows.map(row),
            Err(err) => return Box::new(std::iter::once(Err(translate(err)))),
        };
        if reverse { Box::new(rows.rev()) } else { Box::new(rows) }
    }
}

impl fmt::Debug for RedbSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedbSnapshot").finish_non_exhaustive()
    }
}

type Found = std::result::Result<(Guarded, Guarded), redb::StorageError>;
type Guarded = AccessGuard<'static, &'static [u8]>;

fn row(found: Found) -> RowResult {
    let (key, value) = found.map_err(translate)?;
    Ok((Bytes::copy_from_slice(key.value()), Bytes::copy_from_slice(value.value())))
}
