//! Takes signals.

use std::collections::{BTreeSet, VecDeque};

use serde_json::{Value, json};
use updraft_kernel::Rng;

use super::context::Facts;
use super::events::Event;
use super::frame::{Calling, Frame, FrameId, Phase, Run, Turn};
use super::inspect::Inspector;
use super::trouble::Trouble;
use super::{Effect, Ending, Failed, Signal, Timer};
use crate::definition::{Definition, Kind, Machine, State};

/// What an execution draws by lot: `States.MathRandom`, `States.UUID`, jitter, task tokens.
pub type Chance<'a> = &'a dyn Rng;

/// An execution with its definition, for as long as signals are taken.
#[derive(Debug)]
pub struct Engine<'a> {
    pub(super) definition: &'a Definition,
    pub(super) facts: &'a Facts,
    pub(super) run: &'a mut Run,
    /// Milliseconds since 1970.
    pub(super) now: i64,
    pub(super) chance: Chance<'a>,
    pub(super) ready: VecDeque<FrameId>,
    pub(super) history: Vec<Event>,
    pub(super) effects: Vec<Effect>,
    pub(super) ended: bool,
    pub(super) inspector: Option<&'a Inspector>,
    /// What a failure around it has ended.
    pub(super) aborted: BTreeSet<FrameId>,
    /// What all variables hold at most, in bytes; `None`: it isn't known yet.
    pub(super) held: Option<usize>,
}

impl<'a> Engine<'a> {
    pub fn new(definition: &'a Definition, facts: &'a Facts, run: &'a mut Run, now: i64, chance: Chance<'a>) -> Self {
        let (ready, history, effects) = (VecDeque::new(), Vec::new(), Vec::new());
        Self {
            definition,
            facts,
            run,
            now,
            chance,
            ready,
            history,
            effects,
            ended: false,
            inspector: None,
            aborted: BTreeSet::new(),
            held: None,
        }
    }

    /// Goes on until everything waits.
    pub fn take(&mut self, signal: Signal) {
        match signal {
            Signal::Start(input) => self.start(input),
            Signal::Started(turn) => self.task_started(turn, None),
            Signal::Taken(turn, worker) => self.task_started(turn, Some(worker)),
            Signal::Submitted(turn, output) => self.task_submitted(turn, output),
            Signal::Succeeded(turn, output) => self.task_succeeded(turn, output),
            Signal::Failed(turn, failed) => self.task_failed(turn, failed),
            Signal::Refused(turn, failed) => self.task_refused(turn, failed),
            Signal::Elapsed(turn, timer) => self.elapsed(turn, timer),
            Signal::Heartbeat(turn) => self.heartbeat(turn),
            Signal::MapEnded(turn, came) => self.map_ended(turn, came),
            Signal::Stop { error, cause } => self.stop(error, cause),
            Signal::Overdue => self.overdue(),
            Signal::Redrive => self.redrive(),
        }
        while !self.ended
            && let Some(frame) = self.ready.pop_front()
        {
            self.enter(frame);
        }
        self.keep_within();
        self.run.sweep();
    }

    /// What came of it, since this was last asked.
    pub fn outcome(&mut self) -> (Vec<Event>, Vec<Effect>) {
        (std::mem::take(&mut self.history), std::mem::take(&mut self.effects))
    }

    fn start(&mut self, input: String) {
        let value: Value = serde_json::from_str(&input).unwrap_or(Value::Null);
        let details = json!({ "input": input, "inputDetails": { "truncated": false }, "roleArn": self.facts.role });
        self.event("ExecutionStarted", 0, Some(details));
        self.run.text = input;
        let input = self.run.values.add(value);
        self.run.input = Some(input);
        // AWS: the first state's entrance follows nothing.
        self.stand(None, 0, input, 0);
        self.given_variables(0);
    }

    /// A new frame at the beginning of its machine.
    pub(super) fn stand(&mut self, parent: Option<FrameId>, index: u32, input: u32, last: u64) {
        let state = match parent {
            None => self.definition.machine.start.clone(),
            Some(parent) => match self.within(parent, index) {
                Some(machine) => machine.start.clone(),
                None => return,
            },
        };
        let frame = Frame {
            parent,
            index,
            state,
            input,
            variables: std::collections::BTreeMap::new(),
            last,
            before: last,
            entered: 0,
            entered_at: 0,
            tries: Vec::new(),
            retries: 0,
            turn: 0,
            phase: Phase::Ready,
        };
        let id = self.run.add(frame);
        self.ready.push_back(id);
    }

    /// The machine that a frame walks through.
    fn machine(&self, frame: &Frame) -> Option<&'a Machine> {
        match frame.parent {
            None => Some(&self.definition.machine),
            Some(parent) => self.within(parent, frame.index),
        }
    }

    /// A branch, or the processor, of where a frame stands.
    fn within(&self, parent: FrameId, index: u32) -> Option<&'a Machine> {
        match &self.state(parent)?.kind {
            Kind::Parallel(branches) => branches.get(index as usize),
            Kind::Map(map) => Some(&map.processor),
            _ => None,
        }
    }

    /// Where a frame stands.
    pub(super) fn state(&self, frame: FrameId) -> Option<&'a State> {
        let frame = self.run.frames.get(&frame)?;
        self.machine(frame)?.states.get(&frame.state)
    }

    /// The frame, if it is still in that turn and calls somebody.
    pub(super) fn calling(&self, turn: Turn) -> Option<(&'a State, Calling)> {
        let frame = self.run.frames.get(&turn.frame).filter(|frame| frame.turn == turn.number)?;
        match &frame.phase {
            Phase::Calling(calling) => Some((self.state(turn.frame)?, calling.clone())),
            _ => None,
        }
    }

    /// Adds to the history, and answers the event's number.
    pub(super) fn event(&mut self, name: impl Into<String>, previous: u64, details: Option<Value>) -> u64 {
        self.run.events += 1;
        let id = self.run.events;
        self.history.push(Event { id, previous, at: self.now, name: name.into(), details });
        id
    }

    /// The frame's next event: it follows the frame's last one.
    pub(super) fn next_event(&mut self, frame: FrameId, name: impl Into<String>, details: Option<Value>) -> u64 {
        let last = self.run.frames.get(&frame).map_or(0, |frame| frame.last);
        let id = self.event(name, last, details);
        if let Some(frame) = self.run.edit(frame) {
            frame.last = id;
        }
        id
    }

    pub(super) fn set_phase(&mut self, frame: FrameId, phase: Phase) {
        if let Some(frame) = self.run.edit(frame) {
            frame.phase = phase;
        }
    }

    /// A new turn of the frame: what was asked for before is of no use.
    pub(super) fn turn(&mut self, frame: FrameId) -> Turn {
        let number = self.run.edit(frame).map_or(0, |frame| {
            frame.turn += 1;
            frame.turn
        });
        Turn { frame, number }
    }

    fn elapsed(&mut self, turn: Turn, timer: Timer) {
        let Some(frame) = self.run.frames.get(&turn.frame).filter(|frame| frame.turn == turn.number) else { return };
        match (timer, &frame.phase) {
            (Timer::Wait, Phase::Waiting) => self.waited(turn.frame),
            (Timer::Retry, Phase::Retrying) => self.again(turn.frame),
            (Timer::Timeout, Phase::Calling(_)) => self.task_timed_out(turn, "States.Timeout"),
            (Timer::Heartbeat, Phase::Calling(_)) => self.heart_stopped(turn),
            _ => {}
        }
    }

    fn stop(&mut self, error: Option<String>, cause: Option<String>) {
        self.runs_aborted();
        // AWS: whatever came before, the event follows nothing.
        self.end(Ending::Aborted { error, cause }, 0);
    }

    fn overdue(&mut self) {
        self.runs_aborted();
        let (error, cause) = (Some("States.Timeout".to_owned()), None);
        self.end(Ending::TimedOut { error, cause }, 0);
    }

    /// The last event. Everything under way is cancelled.
    pub(super) fn end(&mut self, ending: Ending, previous: u64) {
        let (name, details) = ending_event(&ending);
        self.event(name, previous, Some(details));
        self.leave_behind(&ending);
        self.ready.clear();
        self.effects.push(Effect::Ended(ending));
        self.ended = true;
    }

    /// Takes a frame away, and what it waits for.
    pub(super) fn drop_frame(&mut self, id: FrameId) {
        let Some(frame) = self.run.remove(id) else { return };
        if let Some(run) = frame.phase.run() {
            self.effects.push(Effect::StopRun(run.arn));
            return;
        }
        if matches!(frame.phase, Phase::Calling(_) | Phase::Waiting | Phase::Retrying) {
            self.effects.push(Effect::Cancel(Turn { frame: id, number: frame.turn }));
        }
    }

    /// The call couldn't be made, or a field couldn't be evaluated.
    pub(super) fn trouble(&mut self, frame: FrameId, trouble: Trouble) {
        self.drop_within(frame);
        let Some(standing) = self.run.frames.get(&frame) else { return };
        let (name, before, last) = (standing.state.clone(), standing.before, standing.last);
        let cause = trouble.whole(&name, standing.entered);
        if trouble.evaluated {
            // AWS: it follows what came before the state's entrance, but for a Wait.
            let waits = self.state(frame).is_some_and(|state| matches!(state.kind, Kind::Wait(_)));
            let previous = if waits { last } else { before };
            let details = trouble.details(&name, &cause);
            let id = self.event("EvaluationFailed", previous, Some(details));
            if let Some(frame) = self.run.edit(frame) {
                frame.last = id;
            }
        }
        let failed = Failed { error: Some(trouble.error.to_owned()), cause: Some(cause) };
        self.fail(frame, failed, false);
    }
}

fn ending_event(ending: &Ending) -> (&'static str, Value) {
    match ending {
        Ending::Succeeded(output) => {
            ("ExecutionSucceeded", json!({ "output": output.to_string(), "outputDetails": { "truncated": false } }))
        }
        Ending::Failed { error, cause } => ("ExecutionFailed", super::events::failed(error.as_ref(), cause.as_ref())),
        Ending::TimedOut { error, cause } => {
            ("ExecutionTimedOut", super::events::failed(error.as_ref(), cause.as_ref()))
        }
        Ending::Aborted { error, cause } => ("ExecutionAborted", super::events::failed(error.as_ref(), cause.as_ref())),
    }
}
