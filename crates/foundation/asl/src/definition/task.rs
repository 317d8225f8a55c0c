//! `Task` and `Wait`.

use serde::{Deserialize, Serialize};

use super::Written;
use crate::lang::Template;

/// What is called, and how long it may take.
#[derive(Clone, Debug)]
pub struct Task {
    pub resource: Resource,
    pub timeout: Option<Written<u64>>,
    pub heartbeat: Option<Written<u64>>,
    /// `Credentials`.
    pub credentials: Option<Template>,
}

/// What a `Resource` names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Resource {
    /// `arn:…:lambda:…:function:…`, called with the input itself.
    Function(String),
    /// `arn:…:states:…:activity:…`.
    Activity(String),
    /// `arn:…:states:::service:action`, `arn:…:states:::aws-sdk:service:action`.
    Service { service: String, action: String, sdk: bool, pattern: Pattern },
}

/// How a service's task ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pattern {
    /// With its answer.
    Response,
    /// `.sync`, `.sync:2`: when the job that it began has ended.
    Sync,
    SyncJson,
    /// `.waitForTaskToken`.
    Token,
}

impl Pattern {
    /// As a `Resource` ends with it.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Response => "",
            Self::Sync => ".sync",
            Self::SyncJson => ".sync:2",
            Self::Token => ".waitForTaskToken",
        }
    }
}

/// Until when a `Wait` waits.
#[derive(Clone, Debug)]
pub enum Waits {
    Seconds(Written<u64>),
    /// ISO 8601 with an offset.
    Timestamp(Written<String>),
}
