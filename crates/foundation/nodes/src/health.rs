//! How this node is, as it sees itself.

use std::fmt;

use crate::info::NodeState;

/// Whether this node takes part in the work; watch it by [`Nodes::health`](crate::Nodes::health).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    pub state: NodeState,
    /// Why it can't do what it should; empty when it can.
    pub troubles: Vec<Trouble>,
}

/// Shown as a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No heart-beat was written for so long that the others count this node as dead.
    CutOff,
    /// How far this machine's clock is ahead of the store's.
    Skewed { millis: i64 },
}

impl Health {
    pub(crate) fn of(state: NodeState) -> Self {
        Self { state, troubles: Vec::new() }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CutOff => f.write_str(
                "no heart-beat could be written to the store for so long that the other nodes count this one as dead",
            ),
            Self::Skewed { millis } => {
                let way = if *millis < 0 { "behind" } else { "ahead of" };
                write!(f, "this machine's clock is {} ms {way} the store's", millis.unsigned_abs())
            }
        }
    }
}
