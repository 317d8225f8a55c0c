//! A path that leads nowhere.

use std::fmt;

use super::Path;

/// Why a path found nothing.
///
/// AWS says it in two ways, by the field: as [`Missing::not_found`] in templates, `ErrorPath` and their like, and as its
/// [`Display`](fmt::Display) in `InputPath`, `OutputPath`, `TimeoutSecondsPath` and their like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    path: String,
    reason: String,
}

impl Missing {
    pub(super) fn new(path: &Path, reason: impl Into<String>) -> Self {
        Self { path: path.text.clone(), reason: reason.into() }
    }

    /// The path, as it was written.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What the library of paths says, e.g. `No results for path: $['x']`.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// `The JSONPath '$.x' specified for the field 'ErrorPath' could not be found in the input '{}'`
    ///
    /// `input` is JSON.
    #[must_use]
    pub fn not_found(&self, field: &str, input: &str) -> String {
        let path = &self.path;
        format!("The JSONPath '{path}' specified for the field '{field}' could not be found in the input '{input}'")
    }
}

/// `Invalid path '$.x' : No results for path: $['x']`
impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Invalid path '{}' : {}", self.path, self.reason)
    }
}

impl std::error::Error for Missing {}
