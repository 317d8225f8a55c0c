//! What can go wrong, in AWS's words.

use std::fmt;

use serde_json::Value;

use super::engine::Fault;

/// A text that is no expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError(pub(super) String);

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SyntaxError {}

/// A type of JSON, as AWS names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    Array,
    Boolean,
    Null,
    Number,
    Object,
    String,
}

impl Type {
    #[must_use]
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::String,
            Value::Array(_) => Self::Array,
            Value::Object(_) => Self::Object,
        }
    }

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Array => "array",
            Self::Boolean => "boolean",
            Self::Null => "null",
            Self::Number => "number",
            Self::Object => "object",
            Self::String => "string",
        }
    }
}

/// Why an expression gave nothing that is of use. Its [`Display`](fmt::Display) is what AWS says behind "An error occurred
/// while executing the state 'x' (entered at the event id #2). ".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    expression: String,
    field: String,
    what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    Nothing,
    /// With a code in front of it, where the language has one.
    Thrown(String),
    /// The last is what came instead, as JSON.
    Unexpected(Type, Type, String),
}

impl QueryError {
    /// The error's name, by which `Retry` and `Catch` know it.
    pub const NAME: &'static str = "States.QueryEvaluationError";

    pub(super) fn nothing(expression: &str, field: &str) -> Self {
        Self { expression: expression.to_owned(), field: field.to_owned(), what: What::Nothing }
    }

    pub(super) fn thrown(expression: &str, field: &str, fault: Fault) -> Self {
        Self { expression: expression.to_owned(), field: field.to_owned(), what: What::Thrown(fault.0) }
    }

    /// A result is of another type than the field takes.
    #[must_use]
    pub fn unexpected(expression: &str, field: &str, expected: Type, value: &Value) -> Self {
        let what = What::Unexpected(expected, Type::of(value), value.to_string());
        Self { expression: expression.to_owned(), field: field.to_owned(), what }
    }

    /// The expression, without its `{%` and `%}`.
    #[must_use]
    pub fn expression(&self) -> &str {
        &self.expression
    }

    /// Where it stands, e.g. `Output/items[0]/price`.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// Whether the expression was evaluated without an error and found nothing.
    #[must_use]
    pub fn is_undefined(&self) -> bool {
        self.what == What::Nothing
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { expression, field, what } = self;
        write!(f, "The JSONata expression '{expression}' specified for the field '{field}' ")?;
        match what {
            What::Nothing => f.write_str("returned nothing (undefined)."),
            // AWS: what has a code is a sentence of its own.
            What::Thrown(message) => {
                let between = if has_code(message) { "." } else { ":" };
                write!(f, "threw an error during evaluation{between} {message}")
            }
            What::Unexpected(expected, found, value) => {
                let (expected, found) = (expected.name(), found.name());
                write!(
                    f,
                    "returned an unexpected result type. Expected '{expected}', but was '{found}' for value: {value}"
                )
            }
        }
    }
}

fn has_code(message: &str) -> bool {
    let code = message.split_once(": ").map(|(code, _)| code).filter(|code| code.len() == 5);
    code.is_some_and(|code| code.chars().skip(1).all(|c| c.is_ascii_digit()))
}

impl std::error::Error for QueryError {}
