//! What is written down of a run: who did what, what they saw, and when.

use bytes::Bytes;

use crate::seam::{CommitVersion, KeyRange};

/// One value, written once: whoever sees it knows who wrote it.
pub type Elem = u64;

/// Counts beginnings and answers, in the order in which they happened.
pub type Tick = u64;

/// What one transaction did, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Read a list; no row is the empty one.
    Got { key: Bytes, list: Vec<Elem> },
    /// Read all lists of a range.
    Scanned { range: KeyRange, rows: Vec<(Bytes, Vec<Elem>)> },
    /// Wrote a list: what it had read, and a new element at the end.
    Put { key: Bytes, list: Vec<Elem> },
    /// Deleted a row, for good: nobody writes it again.
    Deleted { key: Bytes },
    /// Read a set, whole: a counter of distinct bits, or a log.
    Members { set: Bytes, members: Vec<Elem> },
    /// Read the places (commit versions) of a log's entries.
    Places { set: Bytes, places: Vec<(CommitVersion, Elem)> },
    /// Added to a set without reading it.
    Added { set: Bytes, elem: Elem },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Applied. The version, where it was told.
    Committed(Option<CommitVersion>),
    /// Nothing of it was applied.
    Aborted,
}

/// One attempt at a transaction.
#[derive(Clone, Debug)]
pub struct Record {
    pub start: Tick,
    /// When it was known that it is applied.
    pub end: Tick,
    pub outcome: Outcome,
    pub events: Vec<Event>,
}

impl Record {
    #[must_use]
    pub fn is_committed(&self) -> bool {
        matches!(self.outcome, Outcome::Committed(_))
    }
}
