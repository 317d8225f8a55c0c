//! How a visit of a state, or an item of a map, went.

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    Succeeded,
    /// It failed, and another state took over.
    Caught,
    /// It was given up because something else had failed or was stopped.
    Aborted,
    Running,
    Failed,
}

impl Outcome {
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Caught => "caught",
            Self::Aborted => "aborted",
            Self::Running => "running",
            Self::Failed => "failed",
        }
    }

    pub(crate) const fn sign(self) -> &'static str {
        match self {
            Self::Succeeded => "✓",
            Self::Caught => "⚠",
            Self::Aborted => "■",
            Self::Running => "▶",
            Self::Failed => "✕",
        }
    }
}
