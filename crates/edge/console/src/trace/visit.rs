//! A state that was entered.

use std::collections::BTreeMap;

use super::event::Fault;
use super::outcome::Outcome;

/// What a visit is within: another visit, and of a map which item.
pub(crate) type Inside = Option<(usize, Option<u32>)>;

/// One item of one visit of a map: what is looked at, of all that it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pick {
    pub(crate) map: usize,
    pub(crate) item: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct Visit {
    /// The event of its entry.
    pub(crate) entered: u64,
    pub(crate) name: String,
    /// `Task`, `Map` and so on.
    pub(crate) kind: String,
    pub(crate) from: i64,
    pub(crate) to: Option<i64>,
    /// The event of its exit.
    pub(crate) exited: Option<u64>,
    pub(crate) outcome: Outcome,
    pub(crate) inside: Inside,
    /// How often it was tried.
    pub(crate) tries: u32,
    /// The last failure, unless it was tried again since.
    pub(crate) fault: Option<Fault>,
    /// Of a map: its items.
    pub(crate) items: BTreeMap<u32, Outcome>,
}

impl Visit {
    pub(super) fn is_open(&self) -> bool {
        self.outcome == Outcome::Running
    }
}
