//! What can be wrong with a history.

use std::fmt;

use bytes::Bytes;

use super::graph::Why;
use super::record::Elem;
use crate::seam::CommitVersion;

/// Transactions are told by their place in the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Anomaly {
    /// A value that nobody wrote.
    MadeUp { reader: usize, key: Bytes, elem: Elem },
    /// A value whose transaction was not applied.
    AbortedRead { reader: usize, writer: usize, key: Bytes, elem: Elem },
    /// A value that its own transaction wrote over.
    IntermediateRead { reader: usize, writer: usize, key: Bytes, elem: Elem },
    /// A value that is there twice: what was tried again was applied twice.
    Twice { reader: usize, key: Bytes, elem: Elem },
    /// Two reads of one transaction that don't agree, its own writes counted in.
    NonRepeatable { reader: usize, key: Bytes, first: Vec<Elem>, then: Vec<Elem> },
    /// Two lists of one key of which neither begins with the other: an update was lost.
    Diverged { key: Bytes, one: Vec<Elem>, other: Vec<Elem> },
    /// An append that turned up below one that was seen without it: whoever reads on from there never finds it.
    Overtaken { reader: usize, log: Bytes, missed: Elem },
    /// An append at another place than its commit's version.
    Misplaced { writer: usize, log: Bytes, told: CommitVersion, found: CommitVersion },
    /// Each came before the next one, and the last before the first.
    Cycle(Vec<(usize, Why)>),
}

impl fmt::Display for Anomaly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Cycle(steps) = self else { return write!(f, "{self:?}") };
        for (from, why) in steps {
            write!(f, "T{from} {why}; ")?;
        }
        write!(f, "and so on from T{}", steps.first().map_or(0, |step| step.0))
    }
}
