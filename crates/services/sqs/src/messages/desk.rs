//! What the receivers of one queue tell each other within this process, so that they don't try to take the same messages:
//! hints, nothing more. That a message is taken once is the transactions' doing; receivers on other nodes know nothing of this.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::Notify;
use updraft_kernel::UnixMillis;

use super::look::Received;
use super::tenants::Tenants;
use crate::model::message::Address;

/// For so long after something was done with a queue CloudWatch is told of it, and then while there is something in it.
pub(crate) const LIVELY: Duration = Duration::from_secs(5 * 60);

/// Of all queues that were received from lately, by number.
#[derive(Debug, Default)]
pub(crate) struct Desks {
    known: Mutex<Known>,
    /// Of queues whose timers are known to be set: until when the one that tells how full it is goes on. Kept longer than
    /// desks are, for setting them anew with every message would cost much.
    timers: Mutex<HashMap<u64, UnixMillis>>,
}

/// Queues whose timers are remembered at most.
const TIMED: usize = 200_000;

#[derive(Debug, Default)]
struct Known {
    desks: HashMap<u64, Arc<Desk>>,
    /// Forget those that nobody stands at when there are so many.
    sweep_at: usize,
}

#[derive(Debug, Default)]
pub(crate) struct Desk {
    messages: Mutex<HashSet<Address>>,
    groups: Mutex<HashSet<String>>,
    /// Rows of what can be received, as their keys, that a look has read and nobody has claimed yet, in their order. Each may be
    /// out of date: whoever claims one reads it again.
    pub(crate) ahead: Mutex<VecDeque<(Bytes, Address)>>,
    /// Whoever waits for a message stands here: only the first looks, and the next once that has found something.
    pub(crate) line: tokio::sync::Mutex<()>,
    /// Somebody gave back what it had claimed.
    pub(crate) freed: Notify,
    /// How many messages are in flight, or more: `None` until they were counted.
    pub(crate) in_flight: Mutex<Option<usize>>,
    pub(crate) tenants: Tenants,
    /// When something was done with the queue last, in milliseconds.
    lively: AtomicI64,
}

impl Desks {
    /// `None`: nobody knows of any.
    pub(crate) fn timers(&self, number: u64) -> Option<UnixMillis> {
        self.timers.lock().get(&number).copied()
    }

    pub(crate) fn timers_are_set(&self, number: u64, until: UnixMillis) {
        let mut timers = self.timers.lock();
        if timers.len() >= TIMED {
            timers.clear();
        }
        timers.insert(number, until);
    }

    pub(crate) fn of(&self, number: u64) -> Arc<Desk> {
        let mut known = self.known.lock();
        if known.desks.len() >= known.sweep_at {
            known.desks.retain(|_, desk| Arc::strong_count(desk) > 1);
            known.sweep_at = known.desks.len() * 2 + 1024;
        }
        Arc::clone(known.desks.entry(number).or_default())
    }
}

/// A message that was deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Left {
    pub(crate) address: Address,
    pub(crate) until: UnixMillis,
    /// A standard queue's group of which it was the last.
    pub(crate) drained: Option<String>,
}

/// What one receiver takes for itself until its transaction is through.
#[derive(Debug)]
pub(crate) struct Claims<'a, T: Eq + Hash + Clone> {
    all: &'a Mutex<HashSet<T>>,
    freed: &'a Notify,
    mine: Vec<T>,
    /// The transaction is through.
    through: bool,
}

impl Desk {
    /// Something is done with the queue.
    pub(crate) fn is_lively(&self, now: UnixMillis) {
        self.lively.store(now.0, Ordering::Relaxed);
    }

    /// Until when it counts as used.
    pub(crate) fn lively_until(&self) -> UnixMillis {
        UnixMillis(self.lively.load(Ordering::Relaxed)).plus(LIVELY)
    }

    pub(crate) fn messages(&self) -> Claims<'_, Address> {
        Claims::of(&self.messages, &self.freed)
    }

    /// These are in flight until then.
    pub(crate) fn took<'a>(
        &self,
        (now, until): (UnixMillis, UnixMillis),
        given: impl ExactSizeIterator<Item = (&'a (Address, u32), &'a Received)>,
        fifo: bool,
    ) {
        if let Some(known) = &mut *self.in_flight.lock() {
            *known += given.len();
        }
        for ((address, _), received) in given.filter(|_| !fifo) {
            self.tenants.took(*address, until, received.message.group.as_deref(), now);
        }
    }

    /// These are no longer in flight, which would have been until then.
    pub(crate) fn left(&self, gone: &[Left], now: UnixMillis) {
        if let Some(known) = &mut *self.in_flight.lock() {
            *known = known.saturating_sub(gone.len());
        }
        for left in gone {
            self.tenants.left(left.address, left.until, now);
            left.drained.iter().for_each(|group| self.tenants.drained(group));
        }
    }

    pub(crate) fn groups(&self) -> Claims<'_, String> {
        Claims::of(&self.groups, &self.freed)
    }
}

impl<'a, T: Eq + Hash + Clone> Claims<'a, T> {
    fn of(all: &'a Mutex<HashSet<T>>, freed: &'a Notify) -> Self {
        Self { all, freed, mine: Vec::new(), through: false }
    }

    /// What was claimed is taken, and nobody else will find it.
    pub(crate) fn through(&mut self) {
        self.through = true;
    }

    /// How many are taken, by whomever.
    pub(crate) fn taken(&self) -> usize {
        self.all.lock().len()
    }

    /// What was claimed isn't there.
    pub(crate) fn let_go(&mut self, of: &T) {
        self.mine.retain(|mine| mine != of);
        self.all.lock().remove(of);
    }

    /// The first so many of these that nobody has taken.
    pub(crate) fn take<I>(&mut self, from: impl Iterator<Item = I>, most: usize, of: impl Fn(&I) -> &T) -> Vec<I> {
        let mut all = self.all.lock();
        let free = from.filter(|item| all.insert(of(item).clone()));
        let got: Vec<I> = free.take(most).collect();
        self.mine.extend(got.iter().map(|item| of(item).clone()));
        got
    }
}

impl<T: Eq + Hash + Clone> Drop for Claims<'_, T> {
    fn drop(&mut self) {
        let mut all = self.all.lock();
        for mine in &self.mine {
            all.remove(mine);
        }
        drop(all);
        if !self.through && !self.mine.is_empty() {
            self.freed.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_takes_what_another_has_taken_and_all_is_free_again_afterwards() {
        let desk = Desk::default();
        let group = |n: &str| n.to_owned();
        let all = ["a", "b", "c"].map(group);
        let (mut first, mut second) = (desk.groups(), desk.groups());
        assert_eq!(first.take(all.iter(), 2, |item| item), ["a", "b"]);
        assert_eq!(second.take(all.iter(), 2, |item| item), ["c"]);
        assert_eq!(second.taken(), 3);
        drop(first);
        assert_eq!(second.take(all.iter(), 1, |item| item), ["a"]);
        drop(second);
        assert_eq!(desk.groups().taken(), 0);
    }

    #[test]
    fn desks_that_nobody_stands_at_are_forgotten() {
        let desks = Desks::default();
        let kept = desks.of(7);
        *kept.in_flight.lock() = Some(1);
        for number in 0..100_000 {
            desks.of(number);
        }
        assert!(desks.known.lock().desks.len() < 3_000);
        assert_eq!(*desks.of(7).in_flight.lock(), Some(1));
    }
}
