//! What the receivers of one queue tell each other within this process, so that they don't try to take the same messages:
//! hints, nothing more. That a message is taken once is the transactions' doing; receivers on other nodes know nothing of this.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::model::message::Address;

/// Of all queues that were received from lately, by number.
#[derive(Debug, Default)]
pub(crate) struct Desks(Mutex<Known>);

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
    /// Whoever waits for a message stands here: only the first looks, and the next once it has gone.
    pub(crate) line: tokio::sync::Mutex<()>,
    /// How many messages are in flight, or more: `None` until they were counted.
    pub(crate) in_flight: Mutex<Option<usize>>,
}

impl Desks {
    pub(crate) fn of(&self, number: u64) -> Arc<Desk> {
        let mut known = self.0.lock();
        if known.desks.len() >= known.sweep_at {
            known.desks.retain(|_, desk| Arc::strong_count(desk) > 1);
            known.sweep_at = known.desks.len() * 2 + 1024;
        }
        Arc::clone(known.desks.entry(number).or_default())
    }
}

/// What one receiver takes for itself until its transaction is through.
#[derive(Debug)]
pub(crate) struct Claims<'a, T: Eq + Hash + Clone> {
    all: &'a Mutex<HashSet<T>>,
    mine: Vec<T>,
}

impl Desk {
    pub(crate) fn messages(&self) -> Claims<'_, Address> {
        Claims { all: &self.messages, mine: Vec::new() }
    }

    /// So many are no longer in flight.
    pub(crate) fn left(&self, count: usize) {
        if let Some(known) = &mut *self.in_flight.lock() {
            *known = known.saturating_sub(count);
        }
    }

    pub(crate) fn groups(&self) -> Claims<'_, String> {
        Claims { all: &self.groups, mine: Vec::new() }
    }
}

impl<T: Eq + Hash + Clone> Claims<'_, T> {
    /// How many are taken, by whomever.
    pub(crate) fn taken(&self) -> usize {
        self.all.lock().len()
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
        assert!(desks.0.lock().desks.len() < 3_000);
        assert_eq!(*desks.of(7).in_flight.lock(), Some(1));
    }
}
