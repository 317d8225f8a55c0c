//! What is done with the engine, one job at a time.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::core::{Core, Request};
use super::engine::Engine;
use super::recent::Recent;
use super::round::{Round, Synced};
use crate::error::StoreError;
use crate::seam::{CommitVersion, Durability, Result};

/// Writes remembered for validation: seconds of history under full load, some MiB.
const REMEMBERED: usize = 64 * 1024;

/// A step that nothing else runs beside.
#[derive(Debug)]
pub(crate) enum Job {
    Round(Vec<Request>),
    /// See [`Message::Raise`](super::core::Message).
    Raise(CommitVersion, oneshot::Sender<Result<CommitVersion>>),
    /// Makes relaxed writes durable for which no durable one came by.
    Sync,
    /// Leaves nothing unsynced.
    Close(oneshot::Sender<Result<()>>),
}

/// The only one that writes to the engine.
#[derive(Debug)]
pub(crate) struct Writer<E> {
    core: Arc<Core<E>>,
    recent: Recent,
    /// Something relaxed isn't synced yet.
    dirty: bool,
}

impl<E: Engine> Writer<E> {
    pub(crate) fn new(core: Arc<Core<E>>) -> Self {
        let recent = Recent::new(core.version(), REMEMBERED);
        Self { core, recent, dirty: false }
    }

    /// Whether anything is owed a sync afterwards.
    pub(crate) fn run(&mut self, job: Job) -> bool {
        match job {
            Job::Round(requests) => self.round(requests),
            Job::Raise(to, answer) => drop(answer.send(self.raise(to))),
            Job::Sync => self.sync(),
            Job::Close(answer) => drop(answer.send(self.close())),
        }
        self.dirty
    }

    /// Those that don't wait for the disk come first: then they really don't, whoever else is in the round.
    fn round(&mut self, requests: Vec<Request>) {
        let (relaxed, durable): (Vec<_>, Vec<_>) =
            requests.into_iter().partition(|request| request.durability == Durability::Relaxed);
        for some in [relaxed, durable].into_iter().filter(|some| !some.is_empty()) {
            self.apply(some);
        }
    }

    fn apply(&mut self, requests: Vec<Request>) {
        if self.core.is_poisoned() {
            return requests.into_iter().for_each(|request| drop(request.answer.send(Err(StoreError::Poisoned))));
        }
        let mut round = Round::new(&self.core, &mut self.recent);
        requests.into_iter().for_each(|request| round.add(request));
        match round.finish() {
            Ok(Synced::Nothing) => {}
            Ok(synced) => self.dirty = synced == Synced::Later,
            Err(err) => self.core.poison(&err),
        }
    }

    fn raise(&self, to: CommitVersion) -> Result<CommitVersion> {
        if self.core.is_poisoned() {
            return Err(StoreError::Poisoned);
        }
        self.core.raise(to).inspect_err(|err| self.core.poison(err))
    }

    fn sync(&mut self) {
        if !std::mem::take(&mut self.dirty) || self.core.is_poisoned() {
            return;
        }
        if let Err(err) = self.core.engine.sync() {
            self.core.poison(&err);
        }
    }

    fn close(&mut self) -> Result<()> {
        self.sync();
        if self.core.is_poisoned() {
            return Err(StoreError::Poisoned);
        }
        self.core.engine.close();
        Ok(())
    }
}
