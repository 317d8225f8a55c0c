//! An execution, walked through: pure, so that the same signals at the same times give the same history.
//!
//! [`Run`] is what there is to keep; [`Engine`] takes a [`Signal`], and gives events for the history and [`Effect`]s for whoever
//! carries them out. Both are to be durable together, before an effect is carried out.

mod branches;
mod choose;
mod context;
mod distributed;
mod engine;
mod enter;
mod events;
mod fail;
mod frame;
mod inspect;
mod items;
mod kept;
mod large;
mod leave;
mod limit;
mod redrive;
mod tasks;
mod token;
mod trouble;
mod usable;
mod values;
mod wait;

use serde_json::Value;

pub use context::{Facts, timestamp};
pub use distributed::{Batches, MapRun, Plan, Scene, Selector, Source, Writer};
pub use engine::{Chance, Engine};
pub use events::Event;
pub use frame::{Frame, FrameId, Phase, Ran, Run, Turn};
pub use inspect::{Inspection, Inspector};
pub use kept::{Changes, Head};
pub use token::may_be_token;
pub use trouble::Trouble;
pub use usable::Fits;
pub use values::ValueId;

/// What comes from outside. What is about a turn that is over is ignored: the frame went on.
#[derive(Clone, Debug)]
pub enum Signal {
    /// With the input as it was written: the first events show it so.
    Start(String),
    /// The call was begun.
    Started(Turn),
    /// The call was answered; its end comes later (`.sync`, `.waitForTaskToken`).
    Submitted(Turn, Value),
    /// An activity's worker took the task.
    Taken(Turn, Option<String>),
    Succeeded(Turn, Value),
    Failed(Turn, Failed),
    /// The call wasn't taken by who was called.
    Refused(Turn, Failed),
    /// A timer that was asked for.
    Elapsed(Turn, Timer),
    Heartbeat(Turn),
    /// What came of a [`MapRun`].
    MapEnded(Turn, Result<Value, Failed>),
    Stop {
        error: Option<String>,
        cause: Option<String>,
    },
    /// `TimeoutSeconds` of the whole has passed.
    Overdue,
    /// To an execution that has ended otherwise than well: it goes on from where it stood.
    Redrive,
}

/// How a call failed.
#[derive(Clone, Debug, Default)]
pub struct Failed {
    pub error: Option<String>,
    pub cause: Option<String>,
}

impl Failed {
    /// `States.Runtime`.
    pub fn runtime(cause: String) -> Self {
        Self { error: Some("States.Runtime".to_owned()), cause: Some(cause) }
    }
}

/// What a timer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// A `Wait` is over.
    Wait,
    /// It is time for the next try.
    Retry,
    Timeout,
    Heartbeat,
}

/// What is to be done outside.
#[derive(Clone, Debug)]
pub enum Effect {
    Call(Call),
    /// Children for the items of a distributed map.
    MapRun(Box<MapRun>),
    /// The run of that ARN goes on with what didn't succeed, and tells this turn what came of it.
    RedriveRun(Turn, String),
    /// The run of that ARN is of no use anymore.
    StopRun(String),
    /// Milliseconds since 1970.
    Timer {
        turn: Turn,
        at: i64,
        timer: Timer,
    },
    /// Whatever is under way for this turn is of no use anymore.
    Cancel(Turn),
    Ended(Ending),
}

/// A task to carry out.
#[derive(Clone, Debug)]
pub struct Call {
    pub turn: Turn,
    /// As the definition has it.
    pub resource: crate::definition::Resource,
    pub arguments: Value,
    pub credentials: Option<Value>,
    /// Within `arguments`, or for an activity: who has it can end the task.
    pub token: Option<String>,
}

/// How an execution ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    Succeeded(Value),
    Failed { error: Option<String>, cause: Option<String> },
    TimedOut { error: Option<String>, cause: Option<String> },
    Aborted { error: Option<String>, cause: Option<String> },
}
