//! What transactions and the committer share.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bytes::Bytes;
use tokio::sync::oneshot;

use super::engine::{Engine, Snapshot};
use super::heads::Heads;
use super::recent::Reads;
use super::writes::Writes;
use crate::error::StoreError;
use crate::format;
use crate::key::KeyBuilder;
use crate::seam::{CommitVersion, Durability, Limits, Result};
use crate::tags;
use crate::watch::{Topic, WatchTable};

#[derive(Debug)]
pub(crate) struct Core<E> {
    pub(crate) engine: E,
    pub(crate) watches: WatchTable,
    pub(crate) heads: Heads,
    pub(crate) limits: Limits,
    version: AtomicU64,
    poisoned: AtomicBool,
}

/// One transaction on its way to the committer.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) since: CommitVersion,
    pub(crate) reads: Reads,
    pub(crate) writes: Writes,
    pub(crate) touches: Vec<Topic>,
    pub(crate) durability: Durability,
    pub(crate) answer: oneshot::Sender<Result<CommitVersion>>,
}

/// What the committer thread is told.
#[derive(Debug)]
pub(crate) enum Message {
    Commit(Box<Request>),
    /// Versions go on above this one, and above all before; answered with where from.
    Raise(CommitVersion, oneshot::Sender<Result<CommitVersion>>),
    /// Answered when everything before it is durable and the engine has been let go.
    Close(oneshot::Sender<Result<()>>),
}

impl<E: Engine> Core<E> {
    pub(crate) fn open(engine: E, limits: Limits) -> Result<Self> {
        if let Some(row) = format::admit(engine.snapshot().get(&format::key())?)? {
            engine.apply(vec![(format::key(), Some(row))], true)?;
        }
        // Each opening takes a version of its own.
        let version = CommitVersion(recorded_version(&engine.snapshot())?.0 + 1);
        engine.apply(vec![(version_key(), Some(version_row(version)))], true)?;
        Ok(Self {
            engine,
            watches: WatchTable::default(),
            heads: Heads::default(),
            limits,
            version: AtomicU64::new(version.0),
            poisoned: AtomicBool::new(false),
        })
    }

    /// The last version whose writes every new snapshot sees.
    pub(crate) fn version(&self) -> CommitVersion {
        CommitVersion(self.version.load(Ordering::Acquire))
    }

    /// For the committer between two rounds. A snapshot that is older than this finds its own version, as ever.
    pub(crate) fn raise(&self, to: CommitVersion) -> Result<CommitVersion> {
        let version = self.version().max(to);
        if version > self.version() {
            self.engine.apply(vec![(version_key(), Some(version_row(version)))], true)?;
            self.publish(version);
        }
        Ok(version)
    }

    pub(crate) fn publish(&self, version: CommitVersion) {
        self.version.store(version.0, Ordering::Release);
    }
}

impl<E> Core<E> {
    pub(crate) fn is_poisoned(&self) -> bool {
        self.poisoned.load(Ordering::Acquire)
    }

    /// After a failed sync the kernel may have dropped the dirty pages: a second sync that succeeds proves nothing.
    pub(crate) fn poison(&self, why: &StoreError) {
        tracing::error!(error = %why, source = ?why, "writing failed; the store refuses writes from now on");
        self.poisoned.store(true, Ordering::Release);
        self.watches.touch([Topic::POISONED]);
    }
}

/// Where the last commit version is kept, so that versions go on growing over restarts.
pub(crate) fn version_key() -> Bytes {
    KeyBuilder::new(tags::META).str("version").build()
}

pub(crate) fn version_row(version: CommitVersion) -> Bytes {
    Bytes::copy_from_slice(&version.0.to_be_bytes())
}

/// The version of exactly this snapshot.
pub(crate) fn recorded_version(snapshot: &impl Snapshot) -> Result<CommitVersion> {
    let key = version_key();
    let Some(row) = snapshot.get(&key)? else { return Ok(CommitVersion(0)) };
    let corrupt = |_| StoreError::Corrupt { key: key.to_vec(), why: "it is no version of eight bytes".to_owned() };
    row.as_ref().try_into().map(u64::from_be_bytes).map(CommitVersion).map_err(corrupt)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On disks: may never change.
    #[test]
    fn golden_version_row() {
        assert_eq!(&version_key()[..], b"\x01\x02version\x00");
        assert_eq!(&version_row(CommitVersion(258))[..], [0, 0, 0, 0, 0, 0, 1, 2]);
    }
}
