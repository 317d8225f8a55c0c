//! What can go wrong in evaluating, in AWS's words.

use std::fmt;

use super::intrinsics::IntrinsicFailure;
use super::{Missing, Scope};

/// The name of an error, by which `Retry` and `Catch` know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorName {
    Runtime,
    IntrinsicFailure,
}

impl ErrorName {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Runtime => "States.Runtime",
            Self::IntrinsicFailure => "States.IntrinsicFailure",
        }
    }
}

/// Why a template or an expression gave nothing. Its [`Display`](fmt::Display) is what AWS says behind "An error occurred
/// while executing the state 'x' (entered at the event id #2). ".
#[derive(Clone, Debug, PartialEq)]
pub enum EvaluationError {
    /// A path leads nowhere.
    Missing {
        /// The name under which it stands, e.g. `value.$`.
        field: String,
        missing: Missing,
        /// What `$` meant, as JSON.
        input: String,
    },
    /// A function refused what it was given.
    Intrinsic(IntrinsicFailure),
}

impl EvaluationError {
    pub(super) fn missing(field: &str, missing: Missing, scope: &Scope<'_>) -> Self {
        Self::Missing { field: field.to_owned(), missing, input: scope.input.to_string() }
    }

    #[must_use]
    pub fn name(&self) -> ErrorName {
        match self {
            Self::Missing { .. } => ErrorName::Runtime,
            Self::Intrinsic(failure) => failure.name(),
        }
    }
}

impl fmt::Display for EvaluationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { field, missing, input } => f.write_str(&missing.not_found(field, input)),
            Self::Intrinsic(failure) => failure.fmt(f),
        }
    }
}

impl std::error::Error for EvaluationError {}
