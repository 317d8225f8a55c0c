//! Resource policies as their owners have written them.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_store::{Key, KeyRange, Row};

use super::of;
use crate::model::name::FunctionId;

const WRITTEN_POLICY: u8 = 27;

/// What `PutResourcePolicy` was given; statements that were added one by one, and the policy's revision, are in the
/// `PolicyRow` beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WrittenPolicyRow {
    /// The document without its statements, as JSON.
    pub(crate) frame: String,
    /// Each as JSON.
    pub(crate) statements: Vec<String>,
}

impl Row for WrittenPolicyRow {
    const VERSION: u8 = 1;
}

/// Of a function (no qualifier), or of one of its versions or aliases.
pub(crate) struct WrittenPolicyKey<'a>(pub(crate) &'a FunctionId, pub(crate) Option<&'a str>);

impl Key for WrittenPolicyKey<'_> {
    type Row = WrittenPolicyRow;

    fn encode(&self) -> Bytes {
        of(self.0, WRITTEN_POLICY).str(self.1.unwrap_or_default()).build()
    }
}

impl WrittenPolicyKey<'_> {
    pub(crate) fn of(id: &FunctionId) -> KeyRange {
        of(id, WRITTEN_POLICY).prefix_range()
    }
}
