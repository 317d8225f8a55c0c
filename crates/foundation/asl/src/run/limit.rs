//! A history has no more events than it may.

use super::engine::Engine;
use super::{Effect, Ending};

/// The most events that an execution may have.
const MOST_EVENTS: u64 = 25_000;

/// The last one is that of the execution's end.
const MOST_BEFORE: u64 = MOST_EVENTS - 1;

impl Engine<'_> {
    /// Whether the history is full; the execution is ended then.
    pub(super) fn is_full(&mut self) -> bool {
        let full = !self.facts.express && self.run.events >= MOST_BEFORE;
        if full {
            self.too_long();
        }
        full
    }

    /// What a step told beyond what there may be is taken back, and nothing is begun for it.
    pub(super) fn keep_within(&mut self) {
        let most = if self.ended { MOST_EVENTS } else { MOST_BEFORE };
        if self.facts.express || self.run.events <= most {
            return;
        }
        self.history.retain(|event| event.id <= MOST_BEFORE);
        self.run.events = MOST_BEFORE;
        self.effects.retain(|effect| matches!(effect, Effect::Cancel(_) | Effect::StopRun(_)));
        self.too_long();
    }

    fn too_long(&mut self) {
        let cause = format!("The execution reached the maximum number of history events ({MOST_EVENTS}).");
        self.end(Ending::Failed { error: Some("States.Runtime".to_owned()), cause: Some(cause) }, 0);
    }
}
