//! An execution that failed, was stopped or took too long goes on where it stood: what was left stays when it does, and what
//! succeeded isn't done again.

use serde_json::json;

use super::engine::Engine;
use super::frame::{FrameId, Phase, Turn};
use super::{Effect, Ending};
use crate::definition::{Kind, Name};

impl Engine<'_> {
    /// What becomes of the places where the execution stands: they are needed if it may go on from there.
    pub(super) fn leave_behind(&mut self, ending: &Ending) {
        let frames: Vec<FrameId> = self.run.frames.keys().copied().collect();
        for frame in frames {
            match ending {
                Ending::Succeeded(_) => self.drop_frame(frame),
                _ => self.suspend(frame),
            }
        }
    }

    /// Nothing that was asked for comes anymore. A state that was entered is to be tried again, not to be entered.
    pub(super) fn suspend(&mut self, frame: FrameId) {
        let Some(standing) = self.run.frames.get(&frame) else { return };
        let turn = Turn { frame, number: standing.turn };
        match standing.phase {
            Phase::Calling(_) | Phase::Waiting | Phase::Retrying => self.effects.push(Effect::Cancel(turn)),
            Phase::Run(_) | Phase::Redriven(_) => return self.suspend_run(frame),
            Phase::Ready if !self.ready.contains(&frame) => {}
            _ => return,
        }
        self.turn(frame);
        self.set_phase(frame, Phase::Retrying);
    }

    /// A run that is stopped is what a redrive goes on with.
    fn suspend_run(&mut self, frame: FrameId) {
        let Some(run) = self.run.frames.get(&frame).and_then(|frame| frame.phase.run()) else { return };
        self.effects.push(Effect::StopRun(run.arn.clone()));
        self.turn(frame);
        self.set_phase(frame, Phase::Ran(run));
    }

    /// What stands within a frame is of no use anymore.
    pub(super) fn drop_within(&mut self, frame: FrameId) {
        if !self.state(frame).is_some_and(|state| matches!(state.kind, Kind::Map(_) | Kind::Parallel(_))) {
            return;
        }
        for child in self.run.children(frame) {
            self.drop_within(child);
            self.drop_frame(child);
        }
    }

    /// Goes on. Retries are counted from the beginning.
    pub(super) fn redrive(&mut self) {
        let details = json!({ "redriveCount": self.facts.redrives });
        let begun = self.event("ExecutionRedriven", self.run.events, Some(details));
        let standing: Vec<FrameId> = self.run.frames.keys().copied().collect();
        for frame in &standing {
            self.refresh(*frame, begun);
        }
        for frame in standing {
            if !self.ended {
                self.resume(frame);
            }
        }
    }

    fn refresh(&mut self, frame: FrameId, begun: u64) {
        if self.run.frames.get(&frame).is_none_or(|frame| matches!(frame.phase, Phase::Done(_))) {
            return;
        }
        let last = self.iteration(frame).map_or(begun, |(name, index)| {
            self.event("MapIterationStarted", begun, Some(json!({ "name": name, "index": index })))
        });
        if let Some(standing) = self.run.edit(frame) {
            (standing.last, standing.retries) = (last, 0);
            standing.tries.fill(0);
        }
    }

    /// The state whose iteration it is, and which.
    fn iteration(&self, frame: FrameId) -> Option<(Name, u32)> {
        let frame = self.run.frames.get(&frame)?;
        let parent = self.run.frames.get(&frame.parent?)?;
        matches!(parent.phase, Phase::Items(_)).then(|| (parent.state.clone(), frame.index))
    }

    fn resume(&mut self, frame: FrameId) {
        let Some(standing) = self.run.frames.get(&frame) else { return };
        match standing.phase {
            Phase::Ready => self.ready.push_back(frame),
            Phase::Ran(ref ran) => self.redrive_run(frame, ran.clone()),
            Phase::Retrying => self.again(frame),
            // Nothing within it is left: it failed by itself.
            Phase::Branches(_) | Phase::Items(_) if self.run.children(frame).is_empty() => self.again(frame),
            _ => {}
        }
    }
}
