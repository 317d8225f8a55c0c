//! One round of the committer: from a handful of transactions to one engine batch.

use std::collections::BTreeMap;

use bytes::Bytes;
use tokio::sync::oneshot;

use super::core::{Core, Request, version_key, version_row};
use super::engine::{Batch, Engine, Snapshot};
use super::recent::Recent;
use super::writes::{Write, Writes, added};
use crate::error::StoreError;
use crate::seam::{CommitVersion, Durability, Result};
use crate::watch::Topic;

type Answer = oneshot::Sender<Result<CommitVersion>>;

/// Transactions accepted one after the other, each seeing those before it, none of them visible yet.
#[derive(Debug)]
pub(crate) struct Round<'a, E> {
    core: &'a Core<E>,
    recent: &'a mut Recent,
    version: CommitVersion,
    pending: BTreeMap<Bytes, Option<Bytes>>,
    accepted: Vec<(Answer, CommitVersion)>,
    /// Told only after the round: a transaction that runs again must find what it conflicted with.
    refused: Vec<(Answer, StoreError)>,
    touches: Vec<Topic>,
    sync: bool,
}

impl<'a, E: Engine> Round<'a, E> {
    pub(crate) fn new(core: &'a Core<E>, recent: &'a mut Recent) -> Self {
        Self {
            version: core.version(),
            core,
            recent,
            pending: BTreeMap::new(),
            accepted: Vec::new(),
            refused: Vec::new(),
            touches: Vec::new(),
            sync: false,
        }
    }

    pub(crate) fn add(&mut self, request: Request) {
        let Request { since, reads, writes, touches, durability, answer } = request;
        let conflict =
            self.recent.conflicts(since, &reads) || !(writes.cleared.is_empty() || self.recent.reaches(since));
        let resolved = if conflict { Err(StoreError::Conflict) } else { self.resolve(since, writes) };
        match resolved {
            Ok(rows) => {
                self.accept(rows);
                self.touches.extend(touches);
                self.sync |= durability == Durability::Durable;
                self.accepted.push((answer, self.version));
            }
            Err(err) => self.refused.push((answer, err)),
        }
    }

    /// Applies what was accepted, makes it visible, and answers everybody. Whether a sync is owed is the answer.
    pub(crate) fn finish(mut self) -> Result<Synced> {
        let synced = if self.sync { Synced::Now } else { Synced::Later };
        let applied = if self.accepted.is_empty() { Ok(()) } else { self.apply() };
        if applied.is_ok() {
            self.core.publish(self.version);
            self.core.watches.touch(std::mem::take(&mut self.touches));
        }
        let nothing = self.accepted.is_empty();
        self.answer(applied.is_ok());
        applied.map(|()| if nothing { Synced::Nothing } else { synced })
    }

    /// The rows this transaction comes to, now that its place in the order is known.
    fn resolve(&mut self, since: CommitVersion, mut writes: Writes) -> Result<Batch> {
        let mut missed = Vec::new();
        for range in &writes.cleared {
            missed.extend(self.recent.written(since, range).cloned());
        }
        for key in missed {
            writes.expand(key);
        }
        let version = CommitVersion(self.version.0 + 1);
        let versioned = writes.versioned.iter().map(|row| Ok((row.key(version), Some(row.value.clone()))));
        let plain = writes.keys.iter().map(|(key, write)| Ok((key.clone(), self.value(key, write)?)));
        plain.chain(versioned).collect()
    }

    fn value(&self, key: &Bytes, write: &Write) -> Result<Option<Bytes>> {
        match write {
            Write::Put(value) => Ok(Some(value.clone())),
            Write::Delete => Ok(None),
            Write::Add(delta) => {
                let before = match self.pending.get(key) {
                    Some(pending) => pending.clone(),
                    None => self.core.engine.snapshot().get(key)?,
                };
                added(key, before.as_ref(), *delta).map(Some)
            }
        }
    }

    fn accept(&mut self, rows: Batch) {
        self.version.0 += 1;
        let inserted = rows.iter().filter(|(_, value)| value.is_some()).map(|(key, _)| key);
        self.core.heads.insert(self.version, self.core.version(), inserted);
        for (key, value) in rows {
            self.recent.wrote(self.version, &key);
            self.pending.insert(key, value);
        }
    }

    fn apply(&mut self) -> Result<()> {
        let mut batch: Batch = std::mem::take(&mut self.pending).into_iter().collect();
        batch.push((version_key(), Some(version_row(self.version))));
        self.core.engine.apply(batch, self.sync)
    }

    /// A caller that has gone away doesn't want to know.
    fn answer(self, applied: bool) {
        for (answer, version) in self.accepted {
            let result = if applied { Ok(version) } else { Err(StoreError::unknown("the sync failed")) };
            drop(answer.send(result));
        }
        for (answer, err) in self.refused {
            drop(answer.send(Err(err)));
        }
    }
}

/// What a round left to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Synced {
    Nothing,
    Now,
    Later,
}
