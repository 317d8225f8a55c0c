//! Settings that stand beside a function: what becomes of loops, and when runtimes are updated.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_store::{Key, Row};

use super::of;
use crate::model::name::{FunctionId, Version};

const RECURSION: u8 = 7;
const RUNTIME_UPDATES: u8 = 8;

/// Says that a function may call itself without an end. AWS: one that has no such row may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RecursionRow;

impl Row for RecursionRow {
    const VERSION: u8 = 1;
}

pub(crate) struct RecursionKey<'a>(pub(crate) &'a FunctionId);

impl Key for RecursionKey<'_> {
    type Row = RecursionRow;

    fn encode(&self) -> Bytes {
        of(self.0, RECURSION).build()
    }
}

/// When a version's runtime is updated, where that isn't `Auto`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RuntimeUpdates {
    FunctionUpdate,
    /// Never: it stays at the one build there is.
    Manual,
}

impl Row for RuntimeUpdates {
    const VERSION: u8 = 1;
}

pub(crate) struct RuntimeUpdatesKey<'a>(pub(crate) &'a FunctionId, pub(crate) Version);

impl Key for RuntimeUpdatesKey<'_> {
    type Row = RuntimeUpdates;

    fn encode(&self) -> Bytes {
        of(self.0, RUNTIME_UPDATES).u64(self.1.0).build()
    }
}
