//! Conditions: an operator, a key, and the values that it may have.

use serde_json::{Map, Value};

use crate::context::Context;
use crate::document::Malformed;
use crate::operator::{Many, Operator, Test};
use crate::pattern::Pattern;
use crate::value::{is_met, is_possible, truth};

/// One key under one operator. All of a statement's must be met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    name: String,
    operator: Operator,
    /// In lower case.
    key: String,
    wanted: Vec<Pattern>,
}

impl Condition {
    pub(crate) fn parse(name: &str, keys: &Value, variables: bool) -> Result<Vec<Self>, Malformed> {
        let operator = Operator::parse(name).ok_or_else(|| Malformed::Operator(name.to_owned()))?;
        let keys: &Map<String, Value> = keys.as_object().ok_or_else(|| Malformed::Condition(name.to_owned()))?;
        let one = |(key, wanted): (&String, &Value)| {
            let broken = || Malformed::Value { operator: name.to_owned(), key: key.clone() };
            let wild = matches!(operator.test, Test::TextLike | Test::Arn);
            let texts = scalars(wanted).ok_or_else(broken)?;
            let wanted: Vec<_> = texts.iter().map(|text| Pattern::new(text, wild, variables)).collect();
            if !wanted.iter().all(|wanted| is_possible(operator.test, wanted)) {
                return Err(broken());
            }
            Ok(Self { name: name.to_owned(), operator, key: key.to_ascii_lowercase(), wanted })
        };
        keys.iter().map(one).collect()
    }

    /// As it was written: `StringEquals`.
    #[must_use]
    pub fn operator(&self) -> &str {
        &self.name
    }

    /// In lower case.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Any of these will do.
    #[must_use]
    pub fn wanted(&self) -> &[Pattern] {
        &self.wanted
    }

    pub(crate) fn holds(&self, context: &Context) -> bool {
        let Operator { many, test, negated, if_exists } = self.operator;
        let found = context.all(&self.key);
        if test == Test::Null {
            return self.wanted.iter().any(|wanted| truth(wanted.text()) == Some(found.is_none()));
        }
        let Some(found) = found.filter(|found| !found.is_empty()) else {
            return match many {
                Many::ForAll => true,
                Many::ForAny => if_exists,
                Many::One => if_exists || negated,
            };
        };
        // A negation is about all that may not be: none of them.
        let met = |value: &String| self.wanted.iter().any(|one| is_met(test, one, value, context)) != negated;
        match many {
            Many::ForAll => found.iter().all(met),
            Many::ForAny => found.iter().any(met),
            Many::One if negated => found.iter().all(met),
            Many::One => found.iter().any(met),
        }
    }
}

/// Texts, numbers and truths, one or many, as texts; `None`: something else.
fn scalars(value: &Value) -> Option<Vec<String>> {
    let one = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    match value {
        Value::Array(items) => items.iter().map(one).collect(),
        other => Some(vec![one(other)?]),
    }
}
