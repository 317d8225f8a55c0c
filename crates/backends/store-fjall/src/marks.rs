//! Keeps short what opening reads again: fjall reads its whole journal, of up to 64 MB, unless it is cut before.
//!
//! When enough is in the journal that isn't in tables, a thread has it put there, a moment later, and marks how far that
//! is (see [`Mark`]). The next opening, after an end or a kill, begins behind the mark. While nothing is written the thread
//! sleeps, and while so much is that fjall fills its buffers anyway, it only marks.
#![expect(clippy::disallowed_methods, reason = "this crate is the owner of the folder")]

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use fjall::{AbstractTree, Keyspace};
use updraft_store::{Result, StoreError};

use crate::FjallOptions;
use crate::journal::{self, Batches};
use crate::mark::Mark;

/// How often it is looked whether a table is written that somebody waits for, and how long altogether.
const LOOK: Duration = Duration::from_millis(2);
const LOOKS: usize = 1_000;

/// Dropping it ends the thread.
#[derive(Debug)]
pub(crate) struct Marks {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    enough: u64,
    pause: Duration,
    marker: Mutex<Marker>,
}

#[derive(Debug, Default)]
struct State {
    /// Bytes that are in no table yet, roughly.
    written: u64,
    stopped: bool,
}

impl Marks {
    /// `written`: bytes that the journal has already.
    ///
    /// # Errors
    /// If no thread can be started.
    pub(crate) fn start(folder: &Path, rows: Keyspace, written: u64, options: FjallOptions) -> Result<Self> {
        let shared = Arc::new(Shared {
            state: Mutex::new(State { written, stopped: false }),
            changed: Condvar::new(),
            enough: options.mark_bytes,
            pause: Duration::from_millis(options.mark_pause_millis),
            marker: Mutex::new(Marker::new(folder, rows)),
        });
        let serving = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("updraft-marks".to_owned());
        // What fails here fails for whoever commits next, who tells.
        let thread = thread.spawn(move || drop(serving.serve())).map_err(StoreError::engine)?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// So many bytes more were written.
    pub(crate) fn wrote(&self, bytes: u64) {
        let mut state = self.shared.state();
        let before = state.written;
        state.written = before.saturating_add(bytes);
        if before < self.shared.enough && state.written >= self.shared.enough {
            self.shared.changed.notify_all();
        }
    }

    /// Leaves little to be read again. For the end: it waits until what is written is in tables.
    ///
    /// # Errors
    /// If that fails: then more is read again.
    pub(crate) fn finish(&self) -> Result<()> {
        let mut marker = self.shared.marker();
        let written = std::mem::take(&mut self.shared.state().written);
        if written >= self.shared.enough {
            marker.to_tables()?;
        }
        let mut looks = 0..LOOKS;
        while marker.is_waiting() && looks.next().is_some() {
            self.shared.rest(LOOK);
        }
        marker.mark().map(drop)
    }
}

impl Drop for Marks {
    fn drop(&mut self) {
        self.shared.state().stopped = true;
        self.shared.changed.notify_all();
        // It panics if there is a bug, and then nothing is marked any more.
        drop(self.thread.take().map(JoinHandle::join));
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn marker(&self) -> MutexGuard<'_, Marker> {
        self.marker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self) -> Result<()> {
        while self.await_enough() && self.rest(self.pause) {
            if !self.marker().mark()? {
                self.state().written = 0;
                self.marker().to_tables()?;
                while self.marker().is_waiting() && self.rest(self.pause) {}
                self.marker().mark()?;
            }
        }
        Ok(())
    }

    /// `false`: it is to stop.
    fn await_enough(&self) -> bool {
        let waits = |state: &mut State| !state.stopped && state.written < self.enough;
        let state = self.changed.wait_while(self.state(), waits).unwrap_or_else(PoisonError::into_inner);
        !state.stopped
    }

    /// `false`: it is to stop.
    fn rest(&self, pause: Duration) -> bool {
        let waited = self.changed.wait_timeout_while(self.state(), pause, |state| !state.stopped);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        !state.stopped
    }
}

struct Marker {
    folder: PathBuf,
    rows: Keyspace,
    /// The last that is in tables, when that was looked at.
    seqno: Option<u64>,
    mark: Mark,
}

impl std::fmt::Debug for Marker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Marker").field("seqno", &self.seqno).field("mark", &self.mark).finish_non_exhaustive()
    }
}

impl Marker {
    fn new(folder: &Path, rows: Keyspace) -> Self {
        let mark = Mark { number: 0, first: 0, until: 0 };
        Self { folder: folder.to_owned(), seqno: rows.tree.get_highest_persisted_seqno(), rows, mark }
    }

    /// Has what is in memory written as a table; fjall does it by and by.
    fn to_tables(&self) -> Result<()> {
        self.rows.rotate_memtable().map(drop).map_err(StoreError::engine)
    }

    /// Whether a table is still to be written.
    fn is_waiting(&self) -> bool {
        self.rows.tree.sealed_memtable_count() > 0
    }

    /// Marks how far the journal is in tables. `false`: no further than before.
    fn mark(&mut self) -> Result<bool> {
        let seqno = self.rows.tree.get_highest_persisted_seqno();
        if std::mem::replace(&mut self.seqno, seqno) == seqno {
            return Ok(false);
        }
        self.mark_until(seqno).map_err(StoreError::engine)?;
        Ok(true)
    }

    /// fjall itself passes over batches up to this number when it reads a journal again.
    fn mark_until(&mut self, seqno: Option<u64>) -> io::Result<()> {
        let (Some(seqno), Some(place)) = (seqno, journal::last(&self.folder)?) else { return Ok(()) };
        if self.mark.number != place.number {
            self.mark = Mark { number: place.number, first: 0, until: 0 };
        }
        let file = File::open(&place.path)?;
        let (mut batches, before) = (Batches::from(&file, self.mark.until)?, self.mark.until);
        while let Some(batch) = batches.next()?.filter(|batch| batch.seqno <= seqno) {
            if self.mark.until == 0 {
                self.mark.first = batch.sum;
            }
            self.mark.until = batch.end;
        }
        if self.mark.until > before { self.mark.write(&self.folder) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use updraft_kernel::{Rng, SeededRng};
    use updraft_store::embedded::{Engine, Snapshot};
    use updraft_testkit::wait_until;

    use super::*;
    use crate::FjallEngine;

    const PATIENCE: Duration = Duration::from_secs(60);
    const ROWS: u8 = 64;
    const QUICK: FjallOptions =
        FjallOptions { cache_bytes: 1 << 20, write_buffer_bytes: 8 << 20, mark_bytes: 16 << 10, mark_pause_millis: 1 };
    const NEVER: FjallOptions = FjallOptions { mark_bytes: u64::MAX, ..QUICK };

    fn open(folder: &Path, options: FjallOptions) -> FjallEngine {
        FjallEngine::open(folder, options).unwrap()
    }

    /// One row of 1 KiB that can't be compressed, under each number.
    fn fill(engine: &FjallEngine, seed: u64) {
        for number in 0..ROWS {
            engine.apply(vec![(vec![number].into(), Some(value(seed, number).into()))], true).unwrap();
        }
    }

    fn value(seed: u64, number: u8) -> Vec<u8> {
        let mut value = vec![0; 1_024];
        SeededRng::new(seed << 8 | u64::from(number)).fill(&mut value);
        value
    }

    fn holds(folder: &Path, seed: u64) -> bool {
        let engine = open(folder, NEVER);
        let snapshot = engine.snapshot();
        (0..ROWS).all(|number| snapshot.get(&[number]).unwrap().is_some_and(|found| found == value(seed, number)))
    }

    fn marked(folder: &Path) -> u64 {
        Mark::read(folder).unwrap().map_or(0, |mark| mark.until)
    }

    /// How much opening has to read.
    fn journal(folder: &Path) -> u64 {
        let place = journal::last(folder).unwrap().unwrap();
        Batches::from(&File::open(place.path).unwrap(), 0).unwrap().end().unwrap()
    }

    #[tokio::test]
    async fn what_is_in_tables_is_not_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let engine = open(folder.path(), QUICK);
        fill(&engine, 1);
        let all = journal(folder.path());
        wait_until(PATIENCE, || marked(folder.path()) > all / 2).await.unwrap();
        fill(&engine, 2);
        wait_until(PATIENCE, || marked(folder.path()) > all + all / 2).await.unwrap();
        // As after a kill: nothing more is marked.
        drop(engine);
        assert_eq!(journal(folder.path()), 2 * all, "fjall keeps it");
        assert!(holds(folder.path(), 2));
        assert!(journal(folder.path()) <= all / 2);
        // The old mark is of another journal now.
        assert!(holds(folder.path(), 2));
        fill(&open(folder.path(), NEVER), 3);
        assert!(holds(folder.path(), 3));
    }

    #[test]
    fn an_end_leaves_next_to_nothing_to_read() {
        let folder = tempfile::tempdir().unwrap();
        let engine = open(folder.path(), FjallOptions { mark_pause_millis: 1_000_000, ..QUICK });
        fill(&engine, 1);
        engine.close();
        drop(engine);
        assert_eq!(marked(folder.path()), journal(folder.path()));
        assert!(holds(folder.path(), 1));
        assert_eq!(journal(folder.path()), 0);
        fill(&open(folder.path(), NEVER), 2);
        assert!(holds(folder.path(), 2), "numbers go on growing");
    }

    #[tokio::test]
    async fn what_was_read_again_is_in_tables_before_long() {
        let folder = tempfile::tempdir().unwrap();
        fill(&open(folder.path(), NEVER), 1);
        assert_eq!(marked(folder.path()), 0);
        let engine = open(folder.path(), QUICK);
        wait_until(PATIENCE, || marked(folder.path()) == journal(folder.path())).await.unwrap();
        drop(engine);
        assert!(holds(folder.path(), 1));
        assert_eq!(journal(folder.path()), 0);
    }

    #[test]
    fn a_mark_of_another_journal_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        fill(&open(folder.path(), NEVER), 1);
        let all = journal(folder.path());
        Mark { number: 0, first: 7, until: all }.write(folder.path()).unwrap();
        assert!(holds(folder.path(), 1));
        let first =
            Batches::from(&File::open(folder.path().join("0.jnl")).unwrap(), 0).unwrap().next().unwrap().unwrap();
        Mark { number: 1, first: first.sum, until: all }.write(folder.path()).unwrap();
        assert!(holds(folder.path(), 1));
        Mark { number: 0, first: first.sum, until: all + (1 << 30) }.write(folder.path()).unwrap();
        assert!(holds(folder.path(), 1));
        assert_eq!(journal(folder.path()), all);
    }
}
