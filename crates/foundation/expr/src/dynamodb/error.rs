//! What AWS answers to a value or an expression it doesn't accept: always a `ValidationException`, so only the words.

use std::borrow::Cow;
use std::fmt;

use updraft_kernel::AwsError;
use updraft_kernel::error::code;

/// The message of a `ValidationException`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub Cow<'static, str>);

impl Invalid {
    pub const NUMBER_OVERFLOW: Self =
        Self::fixed("Number overflow. Attempting to store a number with magnitude larger than supported range");
    pub const NUMBER_UNDERFLOW: Self =
        Self::fixed("Number underflow. Attempting to store a number with magnitude smaller than supported range");
    pub const NUMBER_TOO_PRECISE: Self = Self::fixed("Attempting to store more than 38 significant digits in a Number");
    pub const WRONG_OPERAND: Self = Self::fixed("An operand in the update expression has an incorrect data type");
    pub const MISSING_ATTRIBUTE: Self =
        Self::fixed("The provided expression refers to an attribute that does not exist in the item");
    pub const WRONG_PATH: Self =
        Self::fixed("The document path provided in the update expression is invalid for update");
    pub const TOO_DEEP: Self = Self::fixed(
        "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit",
    );

    const fn fixed(message: &'static str) -> Self {
        Self(Cow::Borrowed(message))
    }

    #[must_use]
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self(message.into())
    }

    pub(super) fn not_a_number(raw: &str) -> Self {
        Self(format!("The parameter cannot be converted to a numeric value: {raw}").into())
    }
}

impl From<Invalid> for AwsError {
    fn from(invalid: Invalid) -> Self {
        Self::new(&code::VALIDATION, invalid.0)
    }
}

/// Which parameter an expression came in: its errors begin with that, and what it may contain depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Condition,
    Filter,
    KeyCondition,
    Projection,
    Update,
}

impl Kind {
    /// The parameter's name.
    #[must_use]
    pub fn parameter(self) -> &'static str {
        match self {
            Self::Condition => "ConditionExpression",
            Self::Filter => "FilterExpression",
            Self::KeyCondition => "KeyConditionExpression",
            Self::Projection => "ProjectionExpression",
            Self::Update => "UpdateExpression",
        }
    }

    /// `Invalid UpdateExpression: {what}`.
    pub(super) fn invalid(self, what: impl fmt::Display) -> Invalid {
        Invalid(format!("Invalid {}: {what}", self.parameter()).into())
    }

    pub(super) fn wrong_operand(self, operator: &str, type_name: &str) -> Invalid {
        self.invalid(format_args!(
            "Incorrect operand type for operator or function; operator or function: {operator}, operand type: {type_name}"
        ))
    }

    pub(super) fn too_many_operators(self, count: usize) -> Invalid {
        self.invalid(format_args!("The expression contains too many operators; operator count: {count}"))
    }
}
