//! Large executions are kept between steps, so that a step costs what it changes and not what there is; and steps of the same
//! execution wait for each other instead of meeting in the store.
//!
//! What is kept is what the last step wrote, as long as no other one began since: steps that somebody else commits (timers,
//! operations) only say that they begin. Both read and write the execution's row, so that of two which meet one is taken
//! again. Where other processes take steps, too, nothing is kept.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use updraft_asl::run::Run;

use crate::model::name::ExecutionId;

/// An execution that stands in fewer places is read again.
const LARGE: usize = 16;

/// So many executions are kept.
const MOST: usize = 64;

/// An execution that somebody takes a step of, or that is kept.
#[derive(Debug, Default)]
pub(super) struct Seat {
    /// Who has it takes the next step.
    pub(super) turn: tokio::sync::Mutex<Kept>,
    begun: AtomicU64,
}

/// What the last step left, and how many steps had begun elsewhere then.
#[derive(Debug, Default)]
pub(super) struct Kept(Option<(u64, Run)>);

impl Seat {
    /// How many steps have begun elsewhere.
    pub(super) fn mark(&self) -> u64 {
        self.begun.load(Ordering::SeqCst)
    }
}

impl Kept {
    /// The execution, if nobody else has begun a step of it.
    pub(super) fn take(&mut self, mark: u64) -> Option<Run> {
        self.0.take().filter(|(at, _)| *at == mark).map(|(_, run)| run)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Seats(Mutex<HashMap<String, Arc<Seat>>>);

impl Seats {
    pub(super) fn of(&self, id: &ExecutionId) -> Arc<Seat> {
        Arc::clone(self.0.lock().entry(id.arn().to_string()).or_default())
    }

    /// A step begins that doesn't wait for its turn.
    pub(super) fn disturb(&self, id: &ExecutionId) {
        if let Some(seat) = self.0.lock().get(&id.arn().to_string()) {
            seat.begun.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// The step is committed. `mark`: from before it.
    pub(super) fn keep(&self, seat: &Seat, kept: &mut Kept, (mark, run): (u64, Run)) {
        if seat.mark() != mark || run.standing() < LARGE {
            return;
        }
        kept.0 = Some((mark, run));
        let mut seats = self.0.lock();
        let idle = seats.iter().find(|(_, seat)| Arc::strong_count(seat) == 1).map(|(name, _)| name.clone());
        if seats.len() > MOST {
            idle.and_then(|name| seats.remove(&name));
        }
    }

    /// Nobody needs it but those who have it.
    pub(super) fn leave(&self, id: &ExecutionId, seat: Arc<Seat>) {
        let mut seats = self.0.lock();
        let name = id.arn().to_string();
        // The table's, and this one.
        let alone = Arc::strong_count(&seat) == 2;
        if alone && seat.turn.try_lock().is_ok_and(|kept| kept.0.is_none()) {
            seats.remove(&name);
        }
    }
}
