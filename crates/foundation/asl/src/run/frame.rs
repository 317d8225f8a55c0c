//! What there is to keep of an execution: a frame for each place where it stands.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::values::{ValueId, Values};
use crate::definition::Name;

/// A place where an execution stands.
pub type FrameId = u32;

/// One try of one state in one frame. What comes for another turn comes too late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Turn {
    pub frame: FrameId,
    pub number: u32,
}

/// A frame: the whole execution's, a branch's, an iteration's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    pub parent: Option<FrameId>,
    /// Which branch, or which iteration.
    pub index: u32,
    pub state: Name,
    /// What the state was entered with.
    pub input: ValueId,
    /// Variables set here. Those of outer frames are seen too.
    pub variables: BTreeMap<Name, ValueId>,
    /// The event that the next one follows.
    pub last: u64,
    /// The event before the state was entered.
    pub before: u64,
    /// The event of its entrance, and when that was.
    pub entered: u64,
    pub entered_at: i64,
    /// Tries by retrier.
    pub tries: Vec<u32>,
    pub retries: u32,
    pub turn: u32,
    pub phase: Phase,
}

/// What a frame waits for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Phase {
    /// To be entered.
    Ready,
    Waiting,
    Calling(Calling),
    Retrying,
    /// Its branches; how many haven't ended.
    Branches(u32),
    Items(Items),
    /// It has ended, and others haven't.
    Done(ValueId),
    /// A run of a distributed map, by its ARN.
    Run(String),
    /// The same where it was redriven.
    Redriven(Ran),
    /// A run that failed or was stopped: a redrive goes on with it.
    Ran(Ran),
}

/// A run of a distributed map, and how often it was redriven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ran {
    pub arn: String,
    pub redrives: u32,
}

impl Phase {
    /// The run of a distributed map that is under way.
    pub(super) fn run(&self) -> Option<Ran> {
        match self {
            Self::Run(arn) => Some(Ran { arn: arn.clone(), redrives: 0 }),
            Self::Redriven(ran) => Some(ran.clone()),
            _ => None,
        }
    }
}

/// A call under way.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Calling {
    /// Seconds.
    pub heartbeat: Option<u64>,
    /// When the last sign of life came, in milliseconds.
    pub seen: i64,
    pub started: bool,
}

/// Iterations under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Items {
    pub list: ValueId,
    pub next: u32,
    pub left: u32,
}

/// All of an execution.
#[derive(Clone, Debug, Default)]
pub struct Run {
    pub(super) frames: BTreeMap<FrameId, Frame>,
    pub(super) values: Values,
    pub(super) next_frame: FrameId,
    /// How many events there were.
    pub(super) events: u64,
    /// What the execution was started with.
    pub(super) input: Option<ValueId>,
    /// The same as it was written.
    pub(super) text: String,
    pub(super) changed: BTreeSet<FrameId>,
}

impl Run {
    pub fn frame(&self, id: FrameId) -> Option<&Frame> {
        self.frames.get(&id)
    }

    pub fn frames(&self) -> impl Iterator<Item = (FrameId, &Frame)> {
        self.frames.iter().map(|(id, frame)| (*id, frame))
    }

    /// How many frames there are.
    pub fn standing(&self) -> usize {
        self.frames.len()
    }

    /// Drops values that no frame refers to.
    pub(super) fn sweep(&mut self) {
        if !self.values.want_sweeping() {
            return;
        }
        let mut used: BTreeSet<ValueId> = self.input.into_iter().collect();
        for frame in self.frames.values() {
            used.insert(frame.input);
            used.extend(frame.variables.values());
            match &frame.phase {
                Phase::Done(value) => used.extend([*value]),
                Phase::Items(items) => used.extend([items.list]),
                _ => {}
            }
        }
        self.values.keep_only(&used);
    }

    pub(super) fn edit(&mut self, id: FrameId) -> Option<&mut Frame> {
        self.changed.insert(id);
        self.frames.get_mut(&id)
    }

    pub(super) fn add(&mut self, frame: Frame) -> FrameId {
        let id = self.next_frame;
        self.next_frame += 1;
        self.changed.insert(id);
        self.frames.insert(id, frame);
        id
    }

    pub(super) fn remove(&mut self, id: FrameId) -> Option<Frame> {
        self.changed.insert(id);
        self.frames.remove(&id)
    }

    /// The frames that stand within this one.
    pub(super) fn children(&self, id: FrameId) -> Vec<FrameId> {
        self.frames.iter().filter(|(_, frame)| frame.parent == Some(id)).map(|(id, _)| *id).collect()
    }
}
