//! Single expressions.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value};

use super::engine::{Chosen, Engine, Program};
use super::error::{QueryError, SyntaxError, Type};
use super::{Bindings, Limits};

/// An expression, read and ready to be evaluated.
#[derive(Clone, Debug)]
pub struct Expression {
    text: String,
    program: <Chosen as Engine>::Program,
}

impl Expression {
    /// `text` is without `{%` and `%}`.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        let program = Chosen::parse(text).map_err(|fault| SyntaxError(fault.0))?;
        Ok(Self { text: text.to_owned(), program })
    }

    /// What stands between `{%` and `%}`, where a text is such.
    ///
    /// AWS: a space before the one or behind the other, and it is a text like any other.
    #[must_use]
    pub fn within(text: &str) -> Option<&str> {
        Some(text.strip_prefix("{%")?.strip_suffix("%}")?.trim())
    }

    /// As it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Adds the workflow's variables that it reads, without their `$`; `states` isn't one.
    pub fn variables(&self, into: &mut BTreeSet<String>) {
        into.extend(self.program.free().iter().filter(|name| *name != "states").cloned());
    }

    /// `field` is where it stands, for what an error says. Finding nothing is an error.
    pub fn evaluate(&self, field: &str, bindings: &Bindings<'_>) -> Result<Value, QueryError> {
        self.evaluate_by(&mut Chosen::new(bindings, self.program.free()), field)
    }

    /// The same for a field that takes values of one type only.
    pub fn evaluate_as(&self, wanted: Type, field: &str, bindings: &Bindings<'_>) -> Result<Value, QueryError> {
        let value = self.evaluate(field, bindings)?;
        if Type::of(&value) == wanted {
            Ok(value)
        } else {
            Err(QueryError::unexpected(&self.text, field, wanted, &value))
        }
    }

    pub(super) fn free(&self) -> &BTreeSet<String> {
        self.program.free()
    }

    pub(super) fn evaluate_by(&self, engine: &mut Chosen, field: &str) -> Result<Value, QueryError> {
        match engine.evaluate(&self.program) {
            Ok(Some(value)) => Ok(value),
            Ok(None) => Err(QueryError::nothing(&self.text, field)),
            Err(fault) => Err(QueryError::thrown(&self.text, field, fault)),
        }
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Expression {}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// For the language's own suite: an evaluation with an input, which workflows don't have, and with `$eval`.
#[derive(Clone, Copy, Debug)]
pub struct Suite;

impl Suite {
    /// None: nothing was found. The error begins with its code, where it has one.
    pub fn evaluate(
        text: &str,
        input: Option<&Value>,
        bindings: &Map<String, Value>,
        limits: Limits,
    ) -> Result<Option<Value>, String> {
        super::engine::suite(text, input, bindings, limits).map_err(|fault| fault.0)
    }
}
