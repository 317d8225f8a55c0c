//! `Parallel`: branches, each a machine of its own. And what it means for a parent that a child ends.

use serde_json::{Value, json};

use super::Failed;
use super::context::{Around, Found};
use super::engine::Engine;
use super::frame::{FrameId, Phase};
use crate::definition::{Kind, State};

impl Engine<'_> {
    pub(super) fn branch(&mut self, frame: FrameId, of: (&State, usize), around: &Around, input: Value) -> Found<()> {
        let (state, branches) = of;
        let arguments = self.arguments(state, &around.env(&input, self))?;
        let begun = self.next_event(frame, "ParallelStateStarted", None);
        let count = u32::try_from(branches).unwrap_or(u32::MAX);
        self.set_phase(frame, Phase::Branches(count));
        let arguments = self.run.values.add(arguments);
        for index in 0..count {
            self.stand(Some(frame), index, arguments, begun);
        }
        Ok(())
    }

    pub(super) fn child_ended(&mut self, parent: FrameId, child: FrameId, output: Value) {
        let value = self.run.values.add(output);
        let last = self.run.frames.get(&child).map_or(0, |child| child.last);
        self.set_phase(child, Phase::Done(value));
        match self.run.frames.get(&parent).map(|parent| parent.phase.clone()) {
            Some(Phase::Branches(left)) => {
                self.follow(parent, last);
                self.set_phase(parent, Phase::Branches(left - 1));
                if left == 1 {
                    self.all_ended(parent, "ParallelStateSucceeded");
                }
            }
            Some(Phase::Items(items)) => self.iteration_ended(parent, child, items),
            _ => {}
        }
    }

    /// The frame's next event follows that one.
    pub(super) fn follow(&mut self, frame: FrameId, last: u64) {
        if let Some(frame) = self.run.edit(frame) {
            frame.last = last;
        }
    }

    /// Their outputs, in order, are what came of the state.
    pub(super) fn all_ended(&mut self, parent: FrameId, event: &str) {
        let children = self.run.children(parent);
        let mut outputs: Vec<(u32, Value)> = Vec::with_capacity(children.len());
        for child in children {
            if let Some(frame) = self.run.remove(child)
                && let Phase::Done(value) = frame.phase
            {
                outputs.push((frame.index, (*self.run.values.get(value)).clone()));
            }
        }
        outputs.sort_by_key(|(index, _)| *index);
        let outputs = outputs.into_iter().map(|(_, output)| output).collect();
        // AWS: the event of leaving follows what this one follows.
        let last = self.run.frames.get(&parent).map_or(0, |parent| parent.last);
        self.event(event, last, None);
        let Some(state) = self.state(parent) else { return };
        self.done(parent, state, Some(Value::Array(outputs)));
    }

    /// The others are ended too.
    pub(super) fn child_failed(&mut self, parent: FrameId, child: FrameId, failed: Failed) {
        let last = self.run.frames.get(&child).map_or(0, |child| child.last);
        let items = self.run.frames.get(&parent).is_some_and(|parent| matches!(parent.phase, Phase::Items(_)));
        let mut children = self.run.children(parent);
        children.sort_by_key(|other| self.run.frames.get(other).map(|other| other.index));
        for other in children {
            let iteration = items.then_some(if other == child { "MapIterationFailed" } else { "MapIterationAborted" });
            self.abort(other, (last, other == child), iteration);
        }
        self.follow(parent, last);
        self.fail(parent, failed, false);
    }

    /// Ends a frame and those within it, with the events that AWS gives for it: all of them follow `last`, that of what failed.
    /// They are kept as long as the execution may be redriven with them.
    fn abort(&mut self, frame: FrameId, (last, failed): (u64, bool), iteration: Option<&str>) {
        let Some(standing) = self.run.frames.get(&frame).filter(|_| !self.aborted.contains(&frame)) else { return };
        let (index, over) = (standing.index, matches!(standing.phase, Phase::Done(_)));
        let runs = standing.phase.run().is_some();
        let parent = standing.parent.and_then(|parent| self.run.frames.get(&parent)).map(|parent| parent.state.clone());
        if let Some(iteration) = iteration
            && !over
        {
            self.event(iteration, last, Some(json!({ "name": parent, "index": index })));
        }
        for inner in self.run.children(frame) {
            self.abort(inner, (last, false), None);
        }
        if runs {
            self.event(RUN_ABORTED, last, None);
        }
        if let Some(name) = self.state(frame).and_then(|state| given_up(state, failed))
            && !over
            && !self.ready.contains(&frame)
        {
            self.event(name, last, None);
        }
        self.suspend(frame);
        self.aborted.insert(frame);
    }

    /// Runs of distributed maps end with their execution.
    pub(super) fn runs_aborted(&mut self) {
        let running = self.run.frames.iter().filter(|(_, frame)| frame.phase.run().is_some());
        let running: Vec<FrameId> = running.map(|(id, _)| *id).collect();
        for frame in running {
            self.next_event(frame, RUN_ABORTED, None);
        }
    }
}

const RUN_ABORTED: &str = "MapRunAborted";

/// What tells that a state was given up. `failed`: by itself. AWS: a task that failed is told to be aborted as well; of the
/// others it has been told that they failed.
fn given_up(state: &State, failed: bool) -> Option<&'static str> {
    match state.kind {
        Kind::Task(_) => Some("TaskStateAborted"),
        Kind::Wait(_) => Some("WaitStateAborted"),
        Kind::Parallel(_) if !failed => Some("ParallelStateAborted"),
        Kind::Map(_) if !failed => Some("MapStateAborted"),
        _ => None,
    }
}
