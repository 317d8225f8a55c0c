//! Letting a debugger into a function. Implemented by `services/lambda`, which knows the functions; used by the admin
//! surface. The way in is opened by [`RunnerPort::debug`](super::RunnerPort::debug).

use std::any::Any;
use std::fmt;

use crate::{AccountId, AwsError, BoxFuture, Region};

/// How a debugger is to be let in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DebugHow {
    /// Of this machine's loopback; `None`: where debuggers of the language look first.
    pub port: Option<u16>,
    /// Nothing of the function's is loaded before a debugger is there.
    pub wait: bool,
}

/// What is to be debugged: `$LATEST` of this function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebugRequest {
    pub account: AccountId,
    pub region: Region,
    pub name: String,
    pub how: DebugHow,
}

/// A function that debuggers are let into until this is dropped.
pub struct Debugging {
    /// Of this machine's loopback.
    pub port: u16,
    /// Such as `python3.13`.
    pub runtime: String,
    /// Whatever ends it.
    pub held: Box<dyn Any + Send + Sync>,
}

impl fmt::Debug for Debugging {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { port, runtime, .. } = self;
        f.debug_struct("Debugging").field("port", port).field("runtime", runtime).finish_non_exhaustive()
    }
}

/// Why none is let in.
#[derive(Debug, thiserror::Error)]
pub enum DebugRefusal {
    /// What is in the way and what to do, as a sentence.
    #[error("{0}")]
    Refused(String),
    #[error(transparent)]
    Aws(#[from] AwsError),
}

pub trait DebugPort: Send + Sync + fmt::Debug {
    /// Lets debuggers in from now on. The function's instances end for it, with what they are at.
    fn debug(&self, request: DebugRequest) -> BoxFuture<'_, Result<Debugging, DebugRefusal>>;
}
