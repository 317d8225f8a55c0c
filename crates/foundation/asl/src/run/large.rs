//! How much variables may hold.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::Value;

use super::engine::Engine;
use super::frame::FrameId;
use super::tasks::LARGEST;
use super::{Failed, Trouble};
use crate::definition::Name;

/// All variables of an execution.
const LARGEST_OF_ALL: usize = 10 << 20;

impl Engine<'_> {
    /// AWS: a variable, and what one state sets, has as many bytes as a state's output at most; the documentation has the
    /// numbers, not the error.
    ///
    /// # Errors
    /// If there would be more than there may be.
    pub(super) fn small_enough(&mut self, frame: FrameId, assigned: &BTreeMap<Name, Value>) -> Result<(), Failed> {
        if assigned.is_empty() {
            return Ok(());
        }
        let more: usize = assigned.values().map(size).sum();
        if more > LARGEST {
            return Err(too_large(self, frame, "variables that are assigned"));
        }
        // Nothing but assigning adds to it. So long as it is small enough without what has gone since, nothing is counted.
        let most = self.held.unwrap_or_else(|| self.held_beside(frame, assigned)) + more;
        let held = if most > LARGEST_OF_ALL { self.held_beside(frame, assigned) + more } else { most };
        if held > LARGEST_OF_ALL {
            return Err(too_large(self, frame, "variables of the execution"));
        }
        self.held = Some(held);
        Ok(())
    }

    /// What all variables hold but those that are assigned now.
    fn held_beside(&self, frame: FrameId, assigned: &BTreeMap<Name, Value>) -> usize {
        let replaced = |of: FrameId, name: &Name| of == frame && assigned.contains_key(name);
        let kept = self.run.frames.iter().flat_map(|(id, standing)| {
            standing.variables.iter().filter(|(name, _)| !replaced(*id, name)).map(|(_, value)| *value)
        });
        kept.map(|value| size(&self.run.values.get(value))).sum()
    }
}

fn too_large(engine: &Engine<'_>, frame: FrameId, what: &str) -> Failed {
    let standing = engine.run.frames.get(&frame);
    let (name, entered) = standing.map_or(("", 0), |standing| (&*standing.state, standing.entered));
    let cause = format!("The size of the {what} exceeds the maximum number of bytes service limit.");
    let cause = Trouble::runtime(cause).whole(name, entered);
    Failed { error: Some("States.DataLimitExceeded".to_owned()), cause: Some(cause) }
}

/// In bytes, as JSON.
fn size(value: &Value) -> usize {
    let mut counted = Counted(0);
    serde_json::to_writer(&mut counted, value).map_or(usize::MAX, |()| counted.0)
}

struct Counted(usize);

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
