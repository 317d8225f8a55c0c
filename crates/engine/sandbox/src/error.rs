//! Why a sandbox could not be had.

use crate::Level;

/// Failure to build or drive a sandbox.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The host isolates less than the configured minimum.
    #[error("this host reaches sandbox level `{found}`, but `{minimum}` is required: {missing} is missing ({mend}){}", trouble.as_ref().map(|trouble| format!("; {trouble}")).unwrap_or_default())]
    TooWeak {
        /// The level reached.
        found: Level,
        /// The level demanded.
        minimum: Level,
        /// The capability that is missing.
        missing: &'static str,
        /// What to do about it.
        mend: &'static str,
        /// What the system said when a sandbox was tried.
        trouble: Option<String>,
    },
    /// The spec contradicts itself or names something that is not there.
    #[error("invalid sandbox: {0}")]
    Invalid(String),
    /// One step of the construction failed; `step` says which.
    #[error("sandbox step `{step}` failed: {source}")]
    Step {
        /// What was being done.
        step: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Sandboxes are to have a tunnel, and this host can't give them one; what the system said.
    #[error("functions are to reach the internet, and this machine has no tunnel for them (see `updraft doctor`): {0}")]
    NoTunnel(String),
    /// The sandbox ended while it was being talked to.
    #[error("the sandbox is gone")]
    Gone,
    /// Sandboxes are made no more: the platform ends.
    #[error("no more sandboxes are made here")]
    Closed,
    /// `start` was called twice.
    #[error("the sandbox has already been started")]
    AlreadyStarted,
    /// This operating system cannot host sandboxes.
    #[error("functions need Linux; run updraft in a Linux machine or a Linux virtual machine")]
    Unsupported,
}

impl SandboxError {
    /// Names the step in which `source` happened.
    pub(crate) fn step(step: impl Into<String>, source: std::io::Error) -> Self {
        Self::Step { step: step.into(), source }
    }
}
