//! An execution by the parts that are kept: what a step changed is written, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::frame::{Frame, FrameId, Run};
use super::values::{ValueId, Values};

/// What there is once for an execution.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub next_frame: FrameId,
    pub next_value: ValueId,
    /// How many events there were.
    pub events: u64,
    /// Which value is the execution's input.
    pub input: Option<ValueId>,
}

/// Parts that are new or different; those without content are to be deleted.
#[derive(Debug, Default)]
pub struct Changes {
    pub frames: Vec<(FrameId, Option<Frame>)>,
    pub values: Vec<(ValueId, Option<Arc<Value>>)>,
}

impl Run {
    pub fn head(&self) -> Head {
        let (next_frame, next_value) = (self.next_frame, self.values.next());
        Head { next_frame, next_value, events: self.events, input: self.input }
    }

    /// What changed since this was last asked.
    pub fn changes(&mut self) -> Changes {
        let changed = std::mem::take(&mut self.changed);
        let frames = changed.into_iter().map(|id| (id, self.frames.get(&id).cloned())).collect();
        Changes { frames, values: self.values.take_changed() }
    }

    /// From what was kept. `text`: the execution's input as it was written.
    pub fn restore(
        head: &Head,
        text: String,
        frames: BTreeMap<FrameId, Frame>,
        values: BTreeMap<ValueId, Arc<Value>>,
    ) -> Self {
        Self {
            frames,
            values: Values::restore(head.next_value, values),
            next_frame: head.next_frame,
            events: head.events,
            input: head.input,
            text,
            changed: BTreeSet::new(),
        }
    }
}
