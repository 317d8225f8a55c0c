//! Who runs the rounds: whoever commits while nobody else does, or a thread.
//!
//! A lone commit that went through a thread would wait for two threads to wake up, which takes about as long as half a
//! sync. Many commits at once are better off with the thread: while it waits for the disk the next round lines up.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use parking_lot::{Condvar, Mutex, MutexGuard};
use tokio::runtime::{Handle, RuntimeFlavor};

use super::core::{Core, Message};
use super::engine::Engine;
use super::queue::Queue;
use super::writer::{Job, Writer};
use crate::error::StoreError;
use crate::seam::Result;

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

    /// Lines it up. Who is busy takes it up next; else it is done now, here if this thread may wait for the disk.
    pub(crate) fn submit(&self, message: Message) -> Result<()> {
        let mut queue = self.queue.lock();
        queue.push(message)?;
        if self.inline {
            drop(queue);
            self.work();
        } else if may_wait()
            && let Some(job) = queue.take_lone()
        {
            drop(queue);
            // The runtime moves this worker's other tasks to another thread meanwhile.
            tokio::task::block_in_place(|| self.run(job));
        } else if !queue.busy {
            drop(queue);
            self.changed.notify_one();
        }
        Ok(())
    }

    /// Takes no more, and does what it has taken.
    pub(crate) fn close(&self) {
        self.queue.lock().closed = true;
        self.changed.notify_one();
        if self.inline {
            let owed = self.queue.lock().take_owed();
            owed.into_iter().for_each(|job| self.run(job));
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
            if let Some(job) = queue.take_overdue(now()).or_else(|| queue.take()) {
                return Some(job);
            }
            if queue.closed && !queue.busy {
                return queue.take_owed();
            }
            self.wait(&mut queue);
        }
    }

    fn wait(&self, queue: &mut MutexGuard<'_, Queue>) {
        match queue.look_at(now()) {
            Some(by) => drop(self.changed.wait_until(queue, by)),
            None => self.changed.wait(queue),
        }
    }

    /// A panic here is a bug, after which nothing may be acknowledged: the same as a failed sync.
    fn run(&self, job: Job) {
        let ran = catch_unwind(AssertUnwindSafe(|| self.writer.lock().run(job)));
        if ran.is_err() {
            self.core.poison(&StoreError::engine("the committer panicked"));
        }
        let wake = self.queue.lock().done(ran.unwrap_or(false), now());
        if wake {
            self.changed.notify_one();
        }
    }
}

/// Whether this thread may wait for the disk: on a runtime of one thread nothing else would go on.
fn may_wait() -> bool {
    Handle::try_current().is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread)
}

#[expect(clippy::disallowed_methods, reason = "how long writes stay unsynced is real time, however time is moved")]
fn now() -> Instant {
    Instant::now()
}
