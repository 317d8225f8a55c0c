//! Calls that fail.

use std::fmt;

use serde_json::Value;

use super::{Call, Path};
use crate::states::ErrorName;

/// Why a call gave nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntrinsicFailure {
    name: ErrorName,
    function: String,
    what: String,
}

impl IntrinsicFailure {
    pub(super) fn refused(call: &Call, what: String) -> Self {
        Self { name: ErrorName::IntrinsicFailure, function: call.text.clone(), what }
    }

    pub(super) fn missing(call: &Call, path: &Path, input: &Value) -> Self {
        let what = format!("The JsonPath argument for the field '{path}' could not be found in the input '{input}'");
        Self { name: ErrorName::Runtime, function: call.text.clone(), what }
    }

    #[must_use]
    pub fn name(&self) -> ErrorName {
        self.name
    }

    /// The call, as it was written.
    #[must_use]
    pub fn function(&self) -> &str {
        &self.function
    }

    /// What is wrong, without the call.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.what
    }
}

/// `The function 'States.Array($.x)' had the following error: …`
impl fmt::Display for IntrinsicFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The function '{}' had the following error: {}", self.function, self.what)
    }
}

impl std::error::Error for IntrinsicFailure {}
