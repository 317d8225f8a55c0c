//! The one thread that writes.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

use super::core::{Core, Message, Request};
use super::engine::Engine;
use super::recent::Recent;
use super::round::{Round, Synced};
use crate::error::StoreError;
use crate::seam::{CommitVersion, Result};

/// Transactions and bytes that one round takes at most. Nothing waits for a round to fill: the sync in progress is
/// the time in which the next one does.
const ROUND: (usize, usize) = (512, 1 << 20);
/// How long relaxed writes may stay unsynced when no durable one comes by.
const RELAXED_TICK: Duration = Duration::from_millis(100);
/// Writes remembered for validation: seconds of history under full load, some MiB.
const REMEMBERED: usize = 64 * 1024;

#[derive(Debug)]
pub(crate) struct Committer<E> {
    core: Arc<Core<E>>,
    queue: Receiver<Message>,
    recent: Recent,
    /// Something relaxed isn't synced yet.
    dirty: bool,
}

impl<E> Drop for Committer<E> {
    /// A panic here is a bug, after which nothing may be acknowledged: the same as a failed sync.
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.core.poison(&StoreError::engine("the committer panicked"));
        }
    }
}

/// Why a round ended.
enum Next {
    Go,
    Stop(Option<oneshot::Sender<Result<()>>>),
}

impl<E: Engine> Committer<E> {
    pub(crate) fn start(core: Arc<Core<E>>, queue: Receiver<Message>) -> Result<JoinHandle<()>> {
        let recent = Recent::new(core.version(), REMEMBERED);
        let committer = Self { core, queue, recent, dirty: false };
        let thread = std::thread::Builder::new().name("updraft-commit".to_owned());
        thread.spawn(|| committer.run()).map_err(StoreError::engine)
    }

    fn run(mut self) {
        loop {
            if let Next::Stop(answer) = self.turn() {
                return self.stop(answer);
            }
        }
    }

    /// Waits for something to do and does it.
    fn turn(&mut self) -> Next {
        let first = if self.dirty {
            match self.queue.recv_timeout(RELAXED_TICK) {
                Err(RecvTimeoutError::Timeout) => {
                    self.sync();
                    return Next::Go;
                }
                other => other.ok(),
            }
        } else {
            self.queue.recv().ok()
        };
        first.map_or(Next::Stop(None), |message| self.handle(message))
    }

    fn handle(&mut self, message: Message) -> Next {
        match message {
            Message::Commit(request) => self.round(request),
            Message::Raise(to, answer) => {
                drop(answer.send(self.raise(to)));
                Next::Go
            }
            Message::Close(answer) => Next::Stop(Some(answer)),
        }
    }

    fn round(&mut self, first: Box<Request>) -> Next {
        if self.core.is_poisoned() {
            drop(first.answer.send(Err(StoreError::Poisoned)));
            return Next::Go;
        }
        let mut round = Round::new(&self.core, &mut self.recent);
        let (mut count, mut bytes) = (1, first.writes.size());
        round.add(*first);
        let mut behind = None;
        while count < ROUND.0 && bytes < ROUND.1 {
            match self.queue.try_recv() {
                Ok(Message::Commit(request)) => {
                    (count, bytes) = (count + 1, bytes + request.writes.size());
                    round.add(*request);
                }
                Ok(message) => {
                    behind = Some(message);
                    break;
                }
                Err(_) => break,
            }
        }
        match round.finish() {
            Ok(Synced::Nothing) => {}
            Ok(synced) => self.dirty = synced == Synced::Later,
            Err(err) => self.core.poison(&err),
        }
        behind.map_or(Next::Go, |message| self.handle(message))
    }

    fn raise(&self, to: CommitVersion) -> Result<CommitVersion> {
        if self.core.is_poisoned() {
            return Err(StoreError::Poisoned);
        }
        self.core.raise(to).inspect_err(|err| self.core.poison(err))
    }

    fn sync(&mut self) {
        self.dirty = false;
        if let Err(err) = self.core.engine.sync() {
            self.core.poison(&err);
        }
    }

    /// Leaves nothing unsynced and lets go of the engine, so that whoever hears of it can open it again.
    fn stop(mut self, answer: Option<oneshot::Sender<Result<()>>>) {
        if self.dirty {
            self.sync();
        }
        while let Ok(message) = self.queue.try_recv() {
            match message {
                Message::Commit(request) => drop(request.answer.send(Err(StoreError::Closed))),
                Message::Raise(_, answer) => drop(answer.send(Err(StoreError::Closed))),
                Message::Close(answer) => drop(answer.send(Err(StoreError::Closed))),
            }
        }
        let result = if self.core.is_poisoned() { Err(StoreError::Poisoned) } else { Ok(()) };
        drop(self);
        if let Some(answer) = answer {
            drop(answer.send(result));
        }
    }
}
