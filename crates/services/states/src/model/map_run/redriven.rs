//! What a run keeps of its redrives.

use serde::{Deserialize, Serialize};
use updraft_asl::run::Turn;
use updraft_kernel::UnixMillis;

use super::super::execution::How;
use super::{Counts, MapRun, Stopping};

/// A run that never was redriven has none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Redriven {
    pub(crate) count: u32,
    /// The last one.
    pub(crate) at: UnixMillis,
    /// The child that is looked at next; `None`: all have been.
    pub(crate) next: Option<u64>,
    /// Those that wait to be redriven.
    pub(crate) pending: Share,
    /// Those that can't be.
    pub(crate) lost: Share,
    /// What was under way is to end first.
    pub(crate) put_off: bool,
}

/// Some of the children, and their items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Share {
    pub(crate) executions: u64,
    pub(crate) items: u64,
}

impl Counts {
    /// How many didn't succeed: they aren't counted anymore.
    const fn take_failures(&mut self) -> u64 {
        let failures = self.failed + self.timed_out + self.aborted;
        (self.failed, self.timed_out, self.aborted) = (0, 0, 0);
        failures
    }
}

impl MapRun {
    /// It goes on for that turn, at once or when what is under way has ended.
    pub(crate) fn redrive(&mut self, turn: Turn, at: UnixMillis) {
        let count = self.redriven.as_ref().map_or(0, |before| before.count) + 1;
        self.turn = turn;
        if self.ended.is_none()
            && let Some(before) = &self.redriven
        {
            self.redriven = Some(Redriven { count, at, put_off: true, ..before.clone() });
            return;
        }
        let (pending, lost, put_off) = (Share::default(), Share::default(), self.ended.is_none());
        self.redriven = Some(Redriven { count, at, next: None, pending, lost, put_off });
        if !put_off {
            self.go_on();
        }
    }

    /// Nobody waits for it anymore.
    pub(crate) fn stop(&mut self) {
        self.stopping = Some(Stopping::Aborted);
        if let Some(redriven) = &mut self.redriven {
            redriven.put_off = false;
        }
    }

    /// Whether it is to go on as soon as nothing is under way.
    pub(crate) fn is_put_off(&self) -> bool {
        self.redriven.as_ref().is_some_and(|redriven| redriven.put_off)
    }

    /// What didn't succeed waits to be redriven.
    pub(crate) fn go_on(&mut self) {
        (self.ended, self.stopping) = (None, None);
        (self.executions.written, self.items.written) = (0, 0);
        let pending = Share { executions: self.executions.take_failures(), items: self.items.take_failures() };
        if let Some(redriven) = &mut self.redriven {
            (redriven.pending, redriven.lost) = (pending, Share::default());
            (redriven.next, redriven.put_off) = (Some(0), false);
        }
    }

    /// The child that is to be redriven next, or that comes before it.
    pub(crate) fn to_redrive(&self) -> Option<u64> {
        self.redriven.as_ref().and_then(|redriven| redriven.next)
    }

    /// Whether the child waits to be redriven, if it didn't succeed.
    pub(crate) fn awaits(&self, index: u64) -> bool {
        self.to_redrive().is_some_and(|next| next <= index)
    }

    /// Children that run.
    pub(crate) fn running(&self) -> u64 {
        self.executions.running() - self.pending().executions
    }

    pub(crate) fn pending(&self) -> Share {
        self.redriven.as_ref().map(|redriven| redriven.pending).unwrap_or_default()
    }

    /// A child that waited has been looked at. `stays`: how it ended, where it isn't redriven, and whether it can't be.
    pub(crate) fn looked_at(&mut self, items: u64, stays: Option<(How, bool)>) {
        let Some(redriven) = &mut self.redriven else { return };
        redriven.pending.executions -= 1;
        redriven.pending.items -= items;
        if let Some((how, lost)) = stays {
            self.executions.ended(how, 1);
            self.items.ended(how, items);
            if lost {
                redriven.lost.executions += 1;
                redriven.lost.items += items;
            }
        }
    }
}
