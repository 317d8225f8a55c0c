//! What stands in a string field that takes more than a path.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;
use updraft_kernel::Rng;

use super::intrinsics::Call;
use super::{EvaluationError, Path, Scope};

/// A path or a call of an intrinsic function: what a field whose name ends in `.$` says, and `ErrorPath` and `CausePath`.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    Path(Path),
    Call(Call),
}

/// Neither a path nor a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidExpression;

impl fmt::Display for InvalidExpression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("must be a valid JSONPath or a valid intrinsic function call")
    }
}

impl std::error::Error for InvalidExpression {}

impl Expression {
    pub fn parse(text: &str) -> Result<Self, InvalidExpression> {
        if text.starts_with('$') {
            return Path::parse(text).map(Self::Path).map_err(|_| InvalidExpression);
        }
        Call::parse(text).map(Self::Call).map_err(|_| InvalidExpression)
    }

    /// As it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Path(path) => path.text(),
            Self::Call(call) => call.text(),
        }
    }

    /// Adds the variables that it reads, without their `$`.
    pub fn variables(&self, into: &mut BTreeSet<String>) {
        match self {
            Self::Path(path) => path.variables(into),
            Self::Call(call) => call.variables(into),
        }
    }

    /// `field` is the name under which it stands, e.g. `value.$`, for what an error says.
    pub fn evaluate(&self, field: &str, scope: &Scope<'_>, rng: &dyn Rng) -> Result<Value, EvaluationError> {
        match self {
            Self::Path(path) => path.read(scope).map_err(|missing| EvaluationError::missing(field, missing, scope)),
            Self::Call(call) => call.evaluate(scope, rng).map_err(EvaluationError::Intrinsic),
        }
    }
}
