//! The two languages of fields behind one face: JSONPath with its intrinsic functions and templates, and JSONata.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use updraft_expr::jsonata::{self, Bindings, Limits, QueryError};
use updraft_expr::states::{self, EvaluationError, Scope};
use updraft_kernel::{Rng, UnixMillis};

pub(crate) use updraft_expr::jsonata::Type;
pub(crate) use updraft_expr::states::{Expression, Path, ReferencePath};

use crate::run::Trouble;

/// Why something isn't of the language.
#[derive(Debug)]
pub(crate) struct Wrong {
    /// Where within the field: `/name/other`.
    pub(crate) within: String,
    pub(crate) message: String,
}

/// What a field is evaluated against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Env<'a> {
    /// `$`; `$states.input`.
    pub(crate) input: &'a Value,
    /// `$$`; `$states.context`.
    pub(crate) context: &'a Value,
    /// `$name`.
    pub(crate) variables: &'a Map<String, Value>,
    /// `$states.result`.
    pub(crate) result: Option<&'a Value>,
    /// `$states.errorOutput`.
    pub(crate) error: Option<&'a Value>,
    pub(crate) chance: &'a dyn Rng,
    /// Milliseconds since 1970.
    pub(crate) now: i64,
}

impl<'a> Env<'a> {
    fn scope(&self) -> Scope<'a> {
        Scope { input: self.input, context: self.context, variables: self.variables }
    }

    /// What is there, if anything.
    pub(crate) fn read(&self, path: &Path) -> Option<Value> {
        path.read(&self.scope()).ok()
    }

    /// What `InputPath`, `OutputPath`, `TimeoutSecondsPath` and their like point at.
    pub(crate) fn at(&self, path: &Path) -> Result<Value, Trouble> {
        path.read(&self.scope()).map_err(|missing| Trouble::runtime(missing.to_string()))
    }

    /// What other fields point at, which say it differently.
    pub(crate) fn found(&self, path: &Path, field: &str) -> Result<Value, Trouble> {
        let missing = |missing: states::Missing| Trouble::runtime(missing.not_found(field, &self.input.to_string()));
        path.read(&self.scope()).map_err(missing)
    }

    fn query(&self, evaluate: impl FnOnce(&Bindings<'_>) -> Result<Value, QueryError>) -> Result<Value, Trouble> {
        let mut states = Map::new();
        states.insert("input".to_owned(), self.input.clone());
        states.insert("context".to_owned(), self.context.clone());
        states.extend(self.result.map(|result| ("result".to_owned(), result.clone())));
        states.extend(self.error.map(|error| ("errorOutput".to_owned(), error.clone())));
        let (states, now) = (Value::Object(states), UnixMillis(self.now));
        let limits = Limits::default();
        let bindings = Bindings { states: &states, variables: self.variables, rng: self.chance, now, limits };
        evaluate(&bindings).map_err(|error| of_query(&error))
    }

    /// What an intrinsic function gives.
    pub(crate) fn called(&self, call: &Expression, field: &str) -> Result<Value, Trouble> {
        call.evaluate(field, &self.scope(), self.chance).map_err(|error| of_paths(&error))
    }
}

fn of_paths(error: &EvaluationError) -> Trouble {
    Trouble { error: error.name().as_str(), ..Trouble::runtime(error.to_string()) }
}

/// JSON with places to fill in.
#[derive(Clone, Debug)]
pub enum Template {
    Paths(states::Template),
    Jsonata(jsonata::Template),
}

impl Template {
    pub(crate) fn paths(value: &Value) -> Result<Self, Wrong> {
        let wrong = |wrong: states::TemplateError| Wrong { message: wrong.to_string(), within: wrong.within };
        states::Template::parse(value).map(Self::Paths).map_err(wrong)
    }

    pub(crate) fn jsonata(value: &Value) -> Result<Self, Wrong> {
        let wrong = |wrong: jsonata::TemplateError| Wrong { message: wrong.to_string(), within: wrong.within };
        jsonata::Template::parse(value).map(Self::Jsonata).map_err(wrong)
    }

    /// `field`: what it is called, for what a failure says.
    pub(crate) fn evaluate(&self, env: &Env<'_>, field: &str) -> Result<Value, Trouble> {
        match self {
            Self::Paths(template) => template.evaluate(&env.scope(), env.chance).map_err(|error| of_paths(&error)),
            Self::Jsonata(template) => env.query(|bindings| template.evaluate(field, bindings)),
        }
    }

    /// Adds the variables that it reads, without their `$`.
    pub(crate) fn variables(&self, into: &mut BTreeSet<String>) {
        match self {
            Self::Paths(template) => template.variables(into),
            Self::Jsonata(template) => template.variables(into),
        }
    }
}

/// A JSONata expression.
#[derive(Clone, Debug)]
pub struct Query(jsonata::Expression);

impl Query {
    /// With its `{% … %}`.
    pub(crate) fn parse(text: &str) -> Result<Self, Wrong> {
        let Some(within) = jsonata::Expression::within(text) else {
            let message = "Value must be a JSONata expression between {% and %}".to_owned();
            return Err(Wrong { within: String::new(), message });
        };
        let wrong = |error: jsonata::SyntaxError| Wrong { within: String::new(), message: error.to_string() };
        jsonata::Expression::parse(within).map(Self).map_err(wrong)
    }

    pub(crate) fn evaluate(&self, env: &Env<'_>, field: &str) -> Result<Value, Trouble> {
        env.query(|bindings| self.0.evaluate(field, bindings))
    }

    pub(crate) fn unexpected(&self, field: &str, wanted: Type, found: &Value) -> Trouble {
        of_query(&QueryError::unexpected(self.0.text(), field, wanted, found))
    }
}

fn of_query(error: &QueryError) -> Trouble {
    Trouble::query(error.to_string(), error.field())
}
