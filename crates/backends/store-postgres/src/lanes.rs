//! Group commit of the transactions that only write.
//!
//! They wait in one queue. A few lanes take from it, each all that it can carry, and carry it out as one transaction of
//! the database while the next ones gather. What two lanes write at the same time never meets, so that in one process
//! none waits for the other, or conflicts with it.

mod gather;
mod lane;

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};
use updraft_store::buffer::Writes;
use updraft_store::{CommitVersion, Durability, Result, StoreError, Topic};

pub(crate) use lane::run;

/// One transaction on its way.
#[derive(Debug)]
pub(crate) struct Blind {
    pub(crate) writes: Writes,
    pub(crate) touches: Vec<Topic>,
    pub(crate) durability: Durability,
    /// By the store's clock.
    pub(crate) began: Duration,
    pub(crate) answer: oneshot::Sender<Result<CommitVersion>>,
}

/// What is to be committed by groups.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    queue: Mutex<Queue>,
    wake: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Blind>,
    /// Hashes of the keys and prefixes that lanes are writing just now.
    flying: HashSet<u64>,
    closed: bool,
}

/// What there is to do.
enum Look {
    Group(gather::Group),
    Nothing,
    Through,
}

impl Lanes {
    /// Puts it in the queue; whoever drops the answer doesn't stop it.
    pub(crate) fn submit(&self, blind: Blind) -> Result<()> {
        let mut queue = self.queue.lock();
        if queue.closed {
            return Err(StoreError::Closed);
        }
        queue.waiting.push_back(blind);
        drop(queue);
        self.wake.notify_one();
        Ok(())
    }

    /// Takes no more; what is there is still carried out.
    pub(crate) fn close(&self) {
        self.queue.lock().closed = true;
        self.wake.notify_waiters();
    }

    /// The next group; `None` when the queue is closed and through.
    async fn next(&self) -> Option<gather::Group> {
        loop {
            let woken = self.wake.notified();
            tokio::pin!(woken);
            // Listens before it looks, so that no submission comes between.
            woken.as_mut().enable();
            match self.look() {
                Look::Group(group) => return Some(group),
                Look::Nothing => woken.await,
                Look::Through => return None,
            }
        }
    }

    fn look(&self) -> Look {
        let mut queue = self.queue.lock();
        match gather::gather(&mut queue) {
            Some(group) => Look::Group(group),
            None if queue.closed && queue.waiting.is_empty() => Look::Through,
            None => Look::Nothing,
        }
    }

    fn landed(&self, keys: &HashSet<u64>) {
        let mut queue = self.queue.lock();
        for key in keys {
            queue.flying.remove(key);
        }
        drop(queue);
        // What waited for these keys may be all that is left, and the others may be asleep.
        self.wake.notify_waiters();
    }
}
