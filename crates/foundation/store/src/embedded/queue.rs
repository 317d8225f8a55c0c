//! What waits for the writer, and what it is owed.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::core::{Message, Request};
use super::writer::Job;
use crate::error::StoreError;
use crate::seam::Result;

/// Transactions and bytes that one round takes at most. Nothing waits for a round to fill: the sync in progress is
/// the time in which the next one does.
const ROUND: (usize, usize) = (512, 1 << 20);
/// How long relaxed writes may stay unsynced when no durable one comes by.
const RELAXED: Duration = Duration::from_millis(100);

#[derive(Debug, Default)]
pub(crate) struct Queue {
    waiting: VecDeque<Message>,
    /// Somebody runs a job, and then looks here again or tells the thread to. Every `take` that gives one sets it.
    pub(crate) busy: bool,
    /// Lately several came at once.
    crowded: bool,
    /// By when relaxed writes are to be synced, if there are any that aren't.
    pub(crate) sync_by: Option<Instant>,
    pub(crate) closed: bool,
}

impl Queue {
    pub(crate) fn push(&mut self, message: Message) -> Result<()> {
        if self.closed {
            return Err(StoreError::Closed);
        }
        self.closed = matches!(message, Message::Close(_));
        self.waiting.push_back(message);
        Ok(())
    }

    /// What is to be done next, unless somebody is at it.
    pub(crate) fn take(&mut self) -> Option<Job> {
        if self.busy {
            return None;
        }
        let job = match self.waiting.pop_front()? {
            Message::Commit(first) => Job::Round(self.round(*first)),
            Message::Raise(to, answer) => Job::Raise(to, answer),
            Message::Close(answer) => Job::Close(answer),
        };
        self.busy = true;
        Some(job)
    }

    /// The only one that waits, in times when few come.
    pub(crate) fn take_lone(&mut self) -> Option<Job> {
        if self.crowded || self.waiting.len() > 1 { None } else { self.take() }
    }

    /// A sync that is owed by now.
    pub(crate) fn take_overdue(&mut self, now: Instant) -> Option<Job> {
        if self.sync_by.is_some_and(|by| by <= now) { self.take_owed() } else { None }
    }

    /// A sync that is owed at all.
    pub(crate) fn take_owed(&mut self) -> Option<Job> {
        let owed = self.sync_by.is_some() && !self.busy;
        self.busy |= owed;
        owed.then_some(Job::Sync)
    }

    /// When the thread has to look again without being told. Not for a sync that is due while somebody is busy: whoever
    /// is tells it then, see [`Self::done`].
    pub(crate) fn look_at(&self, now: Instant) -> Option<Instant> {
        self.sync_by.filter(|by| !self.busy || *by > now)
    }

    /// A job is done, and writes are `unsynced` or not. Whether the thread must look.
    pub(crate) fn done(&mut self, unsynced: bool, now: Instant) -> bool {
        let since = self.sync_by;
        self.busy = false;
        self.sync_by = unsynced.then(|| since.unwrap_or(now + RELAXED));
        // A sync it doesn't know of, or one that fell due while this kept it from it.
        let owes = unsynced && since.is_none_or(|by| by <= now);
        !self.waiting.is_empty() || self.closed || owes
    }

    fn round(&mut self, first: Request) -> Vec<Request> {
        let mut bytes = first.writes.size();
        let mut round = vec![first];
        while round.len() < ROUND.0
            && bytes < ROUND.1
            && let Some(Message::Commit(next)) = self.waiting.pop_front_if(|next| matches!(next, Message::Commit(_)))
        {
            bytes += next.writes.size();
            round.push(*next);
        }
        self.crowded = round.len() > 1;
        round
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

    fn push(queue: &mut Queue) {
        queue.push(Message::Raise(crate::seam::CommitVersion(0), oneshot::channel().0)).unwrap();
    }

    /// A stream of relaxed commits must not put off the sync for ever.
    #[test]
    fn what_is_unsynced_is_due_from_the_first_one_on() {
        #[expect(clippy::disallowed_methods, reason = "an instant can't be made up")]
        let start = Instant::now();
        let mut queue = Queue::default();
        for n in 0..10 {
            assert!(queue.take_overdue(start + RELAXED - Duration::from_millis(1)).is_none());
            push(&mut queue);
            assert!(queue.take().is_some());
            assert_eq!(queue.done(true, start + n * RELAXED / 20), n == 0, "the thread is told once");
        }
        assert!(matches!(queue.take_overdue(start + RELAXED), Some(Job::Sync)));
        queue.done(false, start + RELAXED);
        assert!(queue.take_overdue(start + 2 * RELAXED).is_none());
    }

    /// Callers do jobs themselves, and the thread may wake up while one is at it.
    #[test]
    fn a_sync_that_falls_due_while_somebody_is_busy_is_not_forgotten() {
        #[expect(clippy::disallowed_methods, reason = "an instant can't be made up")]
        let start = Instant::now();
        let mut queue = Queue::default();
        push(&mut queue);
        assert!(queue.take().is_some());
        assert!(queue.done(true, start));
        push(&mut queue);
        assert!(queue.take().is_some());
        assert_eq!(queue.look_at(start), Some(start + RELAXED), "it wakes up by itself, whoever is busy now");
        assert!(queue.take_overdue(start + RELAXED).is_none(), "somebody is at it");
        assert_eq!(queue.look_at(start + RELAXED), None, "it would find the same again");
        assert!(queue.done(true, start + RELAXED), "so it is told");
        assert!(matches!(queue.take_overdue(start + RELAXED), Some(Job::Sync)));
    }

    #[test]
    fn one_job_at_a_time() {
        let mut queue = Queue::default();
        push(&mut queue);
        push(&mut queue);
        assert!(queue.take_lone().is_none(), "two are no lone one");
        assert!(queue.take().is_some());
        assert!(queue.take().is_none(), "somebody is at it");
        #[expect(clippy::disallowed_methods, reason = "an instant can't be made up")]
        let now = Instant::now();
        assert!(queue.done(false, now), "there is more to do");
        assert!(queue.take_lone().is_some());
    }
}
