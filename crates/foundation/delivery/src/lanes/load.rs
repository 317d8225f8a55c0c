//! How much room there is in memory, and how much of it is taken, by one target or in all.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::keys::LaneId;

/// How much one worker keeps in memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    /// Entries of one lane.
    pub(crate) lane: usize,
    /// Entries of one target, heads that wait for their timers aside.
    pub(crate) target: usize,
    /// Entries in all: about two MiB.
    pub(crate) all: usize,
    /// Attempts under way at once.
    pub(crate) under_way: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self { lane: 64, target: 128, all: 4_096, under_way: 512 }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Load {
    /// Ready, under way or blocked.
    pub(crate) entries: usize,
    /// Heads of lanes that wait for their timers: there is nothing to be done with them.
    pub(crate) blocked: usize,
    pub(crate) running: usize,
    /// Lanes that could start something if less were under way to their target.
    pub(crate) waiting: VecDeque<Arc<LaneId>>,
}

impl Room {
    pub(crate) fn is_full(&self, all: &Load) -> bool {
        all.entries >= self.all
    }

    pub(crate) fn is_full_for(&self, target: &Load) -> bool {
        target.entries - target.blocked >= self.target
    }

    /// Half of what could move has moved.
    pub(crate) fn has_room(&self, all: &Load) -> bool {
        !self.is_full(all) && self.all - all.entries >= (self.all - all.blocked) / 2
    }

    pub(crate) fn has_room_for(&self, target: &Load) -> bool {
        target.entries - target.blocked <= self.target / 2
    }
}
