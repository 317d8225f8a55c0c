//! What can happen to an execution: the events of its history.

use serde::{Deserialize, Serialize};
use updraft_kernel::UnixMillis;

use super::data::Data;

/// Numbers are on disks: new ones come last. Errors are JSON of AWS's error object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Happened {
    ExecutionStarted { input: Data, timeout_secs: u32 },
    ExecutionSucceeded { result: Option<Data> },
    ExecutionFailed { error: Option<Data> },
    ExecutionTimedOut { error: Option<Data> },
    ExecutionStopped { error: Option<Data> },
    ContextStarted,
    ContextSucceeded { result: Option<Data> },
    ContextFailed { error: Option<Data> },
    WaitStarted { seconds: u32, until: UnixMillis },
    WaitSucceeded { seconds: u32 },
    WaitCancelled { error: Option<Data> },
    StepStarted,
    StepSucceeded { result: Option<Data>, attempt: u32, next_secs: Option<u32> },
    StepFailed { error: Option<Data>, attempt: u32, next_secs: Option<u32> },
    ChainedInvokeStarted { function: String, input: Option<Data>, version: Option<String>, execution: Option<String> },
    ChainedInvokeSucceeded { result: Option<Data> },
    ChainedInvokeFailed { error: Option<Data> },
    ChainedInvokeTimedOut { error: Option<Data> },
    ChainedInvokeStopped { error: Option<Data> },
    CallbackStarted { id: String, timeout: u32, heartbeat: u32 },
    CallbackSucceeded { result: Option<Data> },
    CallbackFailed { error: Option<Data> },
    CallbackTimedOut { error: Option<Data> },
    InvocationCompleted { started: UnixMillis, ended: UnixMillis, request_id: String, error: Option<Data> },
    ExecutionPaused { requested: UnixMillis, reason: Option<String>, stops_timeout: bool },
    ExecutionResumed { requested: UnixMillis, reason: Option<String> },
}
