//! What an execution is: the rows.

use serde::{Deserialize, Serialize};
use updraft_api_lambda::types::{ExecutionStatus, OperationStatus, OperationType};
use updraft_kernel::UnixMillis;
use updraft_store::Row;

use super::data::Data;
use super::event::Happened;
use crate::model::durable::Durable;

/// Numbers are in keys: they never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Status {
    Running,
    Pausing,
    Paused,
    Succeeded,
    Failed,
    TimedOut,
    Stopped,
    Deleting,
}

impl Status {
    pub(crate) const ALL: [Self; 8] = [
        Self::Running,
        Self::Pausing,
        Self::Paused,
        Self::Succeeded,
        Self::Failed,
        Self::TimedOut,
        Self::Stopped,
        Self::Deleting,
    ];

    pub(crate) fn is_open(self) -> bool {
        matches!(self, Self::Running | Self::Pausing | Self::Paused)
    }

    pub(crate) fn shown(self) -> ExecutionStatus {
        match self {
            Self::Running => ExecutionStatus::Running,
            Self::Pausing => ExecutionStatus::Pausing,
            Self::Paused => ExecutionStatus::Paused,
            Self::Succeeded => ExecutionStatus::Succeeded,
            Self::Failed => ExecutionStatus::Failed,
            Self::TimedOut => ExecutionStatus::TimedOut,
            Self::Stopped => ExecutionStatus::Stopped,
            Self::Deleting => ExecutionStatus::Deleting,
        }
    }
}

/// How an execution was started, and so what its end means to whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Origin {
    /// Somebody waits for the answer.
    Call,
    Event,
    /// Another execution of the same account and region waits for it, by this operation.
    Chained {
        parent: String,
        operation: u64,
    },
}

/// One execution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ExecutionRow {
    pub(crate) name: String,
    pub(crate) function: String,
    /// The one that runs from the beginning to the end: `$LATEST` or a number.
    pub(crate) version: String,
    /// As the function was called.
    pub(crate) qualifier: String,
    pub(crate) origin: Origin,
    pub(crate) started: UnixMillis,
    pub(crate) input: Data,
    /// SHA-256 of the input: tells whether another start by the same name is the same.
    pub(crate) input_hash: [u8; 32],
    /// The function's, as they were at the start.
    pub(crate) settings: Durable,
    pub(crate) status: Status,
    pub(crate) ended: Option<UnixMillis>,
    pub(crate) result: Option<Data>,
    /// JSON of AWS's error object.
    pub(crate) error: Option<Data>,
    /// When it times out, as it looks now.
    pub(crate) deadline: UnixMillis,
    pub(crate) counts: Counts,
    pub(crate) turn: Turn,
    pub(crate) pause: Option<Pause>,
    /// The last request to pause or resume that was accepted.
    pub(crate) asked: Option<Asked>,
    /// When somebody wanted it deleted.
    pub(crate) deleting: Option<UnixMillis>,
}

impl Row for ExecutionRow {
    const VERSION: u8 = 1;
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counts {
    /// Operations that there are, which are numbered from 1.
    pub(crate) operations: u64,
    pub(crate) events: u64,
    /// Pieces of data that lie apart.
    pub(crate) apart: u64,
    /// Bytes of payloads that were ever kept.
    pub(crate) bytes: u64,
    /// Operations that something outside of the function will end.
    pub(crate) pending: u64,
}

/// The invocation that is to come, is under way, or was the last one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Turn {
    /// Goes up with each invocation that is wanted.
    pub(crate) number: u64,
    /// How often this one was begun; what died in the middle is begun again.
    pub(crate) attempt: u64,
    /// Checkpoints in this attempt.
    pub(crate) checkpoints: u64,
    pub(crate) phase: Phase,
    /// Invocations in a row that failed, since the last one that didn't.
    pub(crate) failures: u32,
    /// Answers in a row that wait for nothing.
    pub(crate) idle_answers: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Phase {
    /// Nothing runs, and nothing is to run.
    #[default]
    Idle,
    /// A delivery will begin it.
    Due,
    Running {
        request_id: String,
        started: UnixMillis,
        /// It may make no further checkpoint.
        closed: bool,
    },
    /// A timer will make it due.
    Backoff,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pause {
    pub(crate) requested: UnixMillis,
    pub(crate) reason: Option<String>,
    pub(crate) stops_timeout: bool,
    /// When it took effect; `None`: an invocation is still under way.
    pub(crate) began: Option<UnixMillis>,
    /// An invocation is owed.
    pub(crate) owes: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) at: UnixMillis,
    pub(crate) pause: bool,
    pub(crate) token: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) stops_timeout: bool,
}

/// Numbers are on disks: they never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    Context,
    Step,
    Wait,
    Callback,
    ChainedInvoke,
}

impl Kind {
    pub(crate) fn shown(self) -> OperationType {
        match self {
            Self::Context => OperationType::Context,
            Self::Step => OperationType::Step,
            Self::Wait => OperationType::Wait,
            Self::Callback => OperationType::Callback,
            Self::ChainedInvoke => OperationType::ChainedInvoke,
        }
    }
}

/// Numbers are on disks: they never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum State {
    Started,
    Pending,
    Ready,
    Succeeded,
    Failed,
    Cancelled,
    TimedOut,
    Stopped,
}

impl State {
    pub(crate) fn is_over(self) -> bool {
        !matches!(self, Self::Started | Self::Pending | Self::Ready)
    }

    pub(crate) fn shown(self) -> OperationStatus {
        match self {
            Self::Started => OperationStatus::Started,
            Self::Pending => OperationStatus::Pending,
            Self::Ready => OperationStatus::Ready,
            Self::Succeeded => OperationStatus::Succeeded,
            Self::Failed => OperationStatus::Failed,
            Self::Cancelled => OperationStatus::Cancelled,
            Self::TimedOut => OperationStatus::TimedOut,
            Self::Stopped => OperationStatus::Stopped,
        }
    }
}

/// Which operation, as its function says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Of {
    pub(crate) id: String,
    pub(crate) parent: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) sub_type: Option<String>,
}

/// One operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OperationRow {
    pub(crate) of: Of,
    pub(crate) kind: Kind,
    pub(crate) state: State,
    pub(crate) started: UnixMillis,
    pub(crate) ended: Option<UnixMillis>,
    pub(crate) result: Option<Data>,
    /// JSON of AWS's error object.
    pub(crate) error: Option<Data>,
    pub(crate) details: Details,
}

impl Row for OperationRow {
    const VERSION: u8 = 1;
}

impl OperationRow {
    /// Bytes of what it came to.
    pub(crate) fn size(&self) -> u64 {
        [&self.result, &self.error].into_iter().flatten().map(Data::len).sum()
    }
}

/// What operations of one kind have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Details {
    Context {
        /// What is in it is needed, though it is over.
        replays: bool,
    },
    Step {
        /// Attempts that are over.
        attempts: u32,
        next: Option<UnixMillis>,
    },
    Wait {
        seconds: u32,
        until: UnixMillis,
    },
    /// In seconds; 0: no limit.
    Callback {
        timeout: u32,
        heartbeat: u32,
    },
    /// What is called, as the function named it.
    Chained {
        function: String,
        input: Option<Data>,
    },
}

/// The number of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SequenceRow(pub(crate) u64);

impl Row for SequenceRow {
    const VERSION: u8 = 1;
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EventRow {
    pub(crate) at: UnixMillis,
    pub(crate) of: Option<Of>,
    pub(crate) what: Happened,
}

impl Row for EventRow {
    const VERSION: u8 = 1;
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChunkRow(pub(crate) String);

impl Row for ChunkRow {
    const VERSION: u8 = 1;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PendingRow;

impl Row for PendingRow {
    const VERSION: u8 = 1;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UpdatedRow {
    /// An invocation has been told, and has not yet come to a good end.
    pub(crate) told: bool,
}

impl Row for UpdatedRow {
    const VERSION: u8 = 1;
}

/// What a checkpoint was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CheckpointRow {
    pub(crate) at: UnixMillis,
    pub(crate) client_token: String,
    pub(crate) token: String,
    pub(crate) next_token: Option<String>,
    /// The operations that were shown.
    pub(crate) operations: Vec<u64>,
}

impl Row for CheckpointRow {
    const VERSION: u8 = 1;
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NameRow(pub(crate) String);

impl Row for NameRow {
    const VERSION: u8 = 1;
}

/// What lists show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SummaryRow {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) ended: Option<UnixMillis>,
    pub(crate) kms_key: Option<String>,
}

impl Row for SummaryRow {
    const VERSION: u8 = 1;
}
