//! A pipe as it is kept, and the states it goes through.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use updraft_api_pipes::shapes;
use updraft_api_pipes::types::{DescribePipeOutput, PipeState, RequestedPipeState, RequestedPipeStateDescribeResponse};
use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::Row;
use updraft_wire::{FromValue, IntoValue, typed};

/// How far a pipe has come. Lies in the store, so its order never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Phase {
    Creating,
    Updating,
    Starting,
    Stopping,
    Deleting,
    Running,
    Stopped,
    CreateFailed,
    UpdateFailed,
    StartFailed,
}

impl Phase {
    pub(crate) fn state(self) -> PipeState {
        match self {
            Self::Creating => PipeState::Creating,
            Self::Updating => PipeState::Updating,
            Self::Starting => PipeState::Starting,
            Self::Stopping => PipeState::Stopping,
            Self::Deleting => PipeState::Deleting,
            Self::Running => PipeState::Running,
            Self::Stopped => PipeState::Stopped,
            Self::CreateFailed => PipeState::CreateFailed,
            Self::UpdateFailed => PipeState::UpdateFailed,
            Self::StartFailed => PipeState::StartFailed,
        }
    }

    pub(crate) fn is_settled(self) -> bool {
        !matches!(self, Self::Creating | Self::Updating | Self::Starting | Self::Stopping | Self::Deleting)
    }

    /// What it is when what was asked for couldn't be.
    pub(crate) fn failed(self) -> Self {
        match self {
            Self::Creating => Self::CreateFailed,
            Self::Updating => Self::UpdateFailed,
            _ => Self::StartFailed,
        }
    }
}

/// What is wanted of it. Lies in the store, so its order never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Wanted {
    Running,
    Stopped,
    Deleted,
}

impl Wanted {
    /// AWS: a pipe runs unless it is said not to.
    pub(crate) fn of(asked: Option<&RequestedPipeState>) -> Self {
        if asked == Some(&RequestedPipeState::Stopped) { Self::Stopped } else { Self::Running }
    }

    /// As operations answer it that leave a pipe behind.
    pub(crate) fn requested(self) -> RequestedPipeState {
        if self == Self::Running { RequestedPipeState::Running } else { RequestedPipeState::Stopped }
    }

    pub(crate) fn described(self) -> RequestedPipeStateDescribeResponse {
        match self {
            Self::Running => RequestedPipeStateDescribeResponse::Running,
            Self::Stopped => RequestedPipeStateDescribeResponse::Stopped,
            Self::Deleted => RequestedPipeStateDescribeResponse::Deleted,
        }
    }
}

/// One pipe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pipe {
    /// A UUID, which a pipe made anew under the same name doesn't share.
    pub(crate) id: String,
    /// Changes with each update.
    pub(crate) revision: u64,
    pub(crate) phase: Phase,
    pub(crate) wanted: Wanted,
    pub(crate) created: UnixMillis,
    pub(crate) modified: UnixMillis,
    /// `StateReason`.
    pub(crate) reason: Option<String>,
    pub(crate) tags: BTreeMap<String, String>,
    /// What was asked for: AWS's own shape `DescribePipeResponse` in JSON, without what is told here.
    pub(crate) config: String,
}

impl Row for Pipe {
    const VERSION: u8 = 1;
}

impl Pipe {
    /// What was asked for.
    ///
    /// # Errors
    /// If it isn't what was written.
    pub(crate) fn config(&self) -> Result<DescribePipeOutput, AwsError> {
        let document = serde_json::from_str(&self.config).map_err(AwsError::internal)?;
        let value = typed::from_json(&shapes::DescribePipeResponse, &document).map_err(AwsError::internal)?;
        Ok(DescribePipeOutput::from_value(value))
    }

    pub(crate) fn set_config(&mut self, config: DescribePipeOutput) {
        self.config = typed::to_json(&shapes::DescribePipeResponse, &config.into_value()).to_string();
    }

    /// Whether it is to be polled for.
    pub(crate) fn runs(&self) -> bool {
        let on_its_way = matches!(self.phase, Phase::Creating | Phase::Updating | Phase::Starting | Phase::Running);
        self.wanted == Wanted::Running && on_its_way
    }

    /// Asks for something else; whoever looks after pipes brings it about.
    pub(crate) fn ask(&mut self, phase: Phase, now: UnixMillis) {
        self.phase = phase;
        self.revision += 1;
        self.modified = now;
        self.reason = None;
    }
}
