//! Who runs the rounds: a thread, or whoever commits.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use super::core::{Core, Message, Request};
use super::engine::Engine;
use super::writer::{Job, Writer};
use crate::error::StoreError;
use crate::seam::Result;

/// Transactions and bytes that one round takes at most. Nothing waits for a round to fill: the sync in progress is
/// the time in which the next one does.
const ROUND: (usize, usize) = (512, 1 << 20);
/// How long relaxed writes may stay unsynced when no durable one comes by.
const RELAXED_TICK: Duration = Duration::from_millis(100);

/// Where transactions line up.
#[derive(Debug)]
pub(crate) struct Committer<E> {
    core: Arc<Core<E>>,
    queue: Mutex<Queue>,
    /// There is something for the thread to look at.
    changed: Condvar,
    /// Locked only by whoever made the queue busy.
    writer: Mutex<Writer<E>>,
    inline: bool,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Message>,
    /// Somebody runs jobs, and looks here again afterwards.
    busy: bool,
    /// Something relaxed isn't synced yet.
    dirty: bool,
    closed: bool,
}

impl Queue {
    /// What is to be done next, by whoever asks, unless somebody else is at it.
    fn take(&mut self) -> Option<Job> {
        if self.busy {
            return None;
        }
        let job = match self.waiting.pop_front()? {
            Message::Commit(first) => {
                let mut round = vec![*first];
                self.fill(&mut round);
                Job::Round(round)
            }
            Message::Raise(to, answer) => Job::Raise(to, answer),
            Message::Close(answer) => Job::Close(answer),
        };
        self.busy = true;
        Some(job)
    }

    fn fill(&mut self, round: &mut Vec<Request>) {
        let mut bytes: usize = round.iter().map(|request| request.writes.size()).sum();
        while round.len() < ROUND.0 && bytes < ROUND.1 {
            match self.waiting.pop_front() {
                Some(Message::Commit(request)) => {
                    bytes += request.writes.size();
                    round.push(*request);
                }
                Some(other) => return self.waiting.push_front(other),
                None => return,
            }
        }
    }

    /// What relaxed writes are owed when nothing durable came by, and at last when the store is dropped.
    fn overdue(&mut self) -> Option<Job> {
        let owed = self.dirty && !self.busy;
        self.busy |= owed;
        owed.then_some(Job::Sync)
    }
}

impl<E: Engine> Committer<E> {
    /// Everything runs on the thread that commits.
    pub(crate) fn inline(core: Arc<Core<E>>) -> Self {
        let writer = Mutex::new(Writer::new(Arc::clone(&core)));
        Self { core, queue: Mutex::default(), changed: Condvar::new(), writer, inline: true }
    }

    /// Everything runs on a thread of its own, which ends once the committer was closed.
    pub(crate) fn threaded(core: Arc<Core<E>>) -> Result<(Arc<Self>, JoinHandle<()>)> {
        let committer = Arc::new(Self { inline: false, ..Self::inline(core) });
        let serving = Arc::clone(&committer);
        let thread = std::thread::Builder::new().name("updraft-commit".to_owned());
        let thread = thread.spawn(move || serving.serve()).map_err(StoreError::engine)?;
        Ok((committer, thread))
    }

    /// Lines it up, and does it if nobody else will.
    pub(crate) fn submit(&self, message: Message) -> Result<()> {
        let mut queue = self.queue.lock();
        if queue.closed {
            return Err(StoreError::Closed);
        }
        queue.closed = matches!(message, Message::Close(_));
        queue.waiting.push_back(message);
        let busy = queue.busy;
        drop(queue);
        if self.inline {
            self.work();
        } else if !busy {
            self.changed.notify_one();
        }
        Ok(())
    }

    /// Takes no more, and does what it has taken.
    pub(crate) fn close(&self) {
        self.queue.lock().closed = true;
        self.changed.notify_one();
        if self.inline {
            let overdue = self.queue.lock().overdue();
            overdue.into_iter().for_each(|job| self.run(job));
        }
    }

    fn work(&self) {
        loop {
            let job = self.queue.lock().take();
            let Some(job) = job else { return };
            self.run(job);
        }
    }

    fn serve(&self) {
        while let Some(job) = self.next() {
            self.run(job);
        }
    }

    /// Waits for something to do; `None` once there is nothing more to come.
    fn next(&self) -> Option<Job> {
        let mut queue = self.queue.lock();
        loop {
            if let Some(job) = queue.take() {
                return Some(job);
            }
            if queue.closed {
                return queue.overdue();
            }
            if !queue.dirty {
                self.changed.wait(&mut queue);
            } else if self.changed.wait_for(&mut queue, RELAXED_TICK).timed_out()
                && let Some(job) = queue.overdue()
            {
                return Some(job);
            }
        }
    }

    /// A panic here is a bug, after which nothing may be acknowledged: the same as a failed sync.
    fn run(&self, job: Job) {
        let ran = catch_unwind(AssertUnwindSafe(|| self.writer.lock().run(job)));
        if ran.is_err() {
            self.core.poison(&StoreError::engine("the committer panicked"));
        }
        let mut queue = self.queue.lock();
        queue.busy = false;
        queue.dirty = ran.unwrap_or(false);
    }
}
