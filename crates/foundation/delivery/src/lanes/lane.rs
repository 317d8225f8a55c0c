//! One lane: what is next for one target, or for one ordering key of it.

use std::collections::VecDeque;

use bytes::Bytes;

use super::Entry;

#[derive(Debug, Default)]
pub(crate) struct Lane {
    pub(crate) ready: VecDeque<Entry>,
    pub(crate) running: Vec<Entry>,
    /// The head waits for its timer; nothing is behind it in memory.
    pub(crate) blocked: bool,
    /// Up to here all of the lane's entries were taken from the log.
    pub(crate) taken_to: Bytes,
    /// Waits to be looked at, here or at its target.
    pub(crate) queued: bool,
}

/// What an entry of the log was to a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nudge {
    /// Nothing: it names another delivery than the head.
    Not,
    /// The head is known to be back already.
    Known,
    /// The head's timer has fired.
    Back { was_blocked: bool },
}

impl Lane {
    pub(crate) fn is_empty(&self) -> bool {
        self.ready.is_empty() && self.running.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.ready.len() + self.running.len()
    }

    /// Another entry for a delivery that may be at the head: its timer has fired.
    pub(crate) fn nudge(&mut self, key: &Bytes, id: &str) -> Nudge {
        let head = self.running.first_mut().or(self.ready.front_mut());
        let Some(head) = head.filter(|head| head.id == id) else { return Nudge::Not };
        if head.keys.contains(key) {
            return Nudge::Known;
        }
        head.keys.push(key.clone());
        Nudge::Back { was_blocked: std::mem::take(&mut self.blocked) }
    }

    /// What is behind the blocked head stays in the log until the head is through. Gives where that begins.
    pub(crate) fn leave_followers(&mut self) -> Option<Bytes> {
        self.taken_to = self.ready.front()?.keys.first().cloned().unwrap_or_default();
        let first = self.ready.get(1)?.keys.first().cloned();
        self.ready.truncate(1);
        first
    }
}
