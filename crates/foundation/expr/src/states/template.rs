//! Payload templates: values in which fields whose names end in `.$` are filled in.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value};
use updraft_kernel::Rng;

use super::{EvaluationError, Expression, Scope};

/// What `Parameters`, `ResultSelector`, `ItemSelector`, `Assign` and their like hold, read and ready to be filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Template(Node);

#[derive(Clone, Debug, PartialEq)]
enum Node {
    /// Without anything to fill in.
    Literal(Value),
    Object(Vec<(String, Node)>),
    Array(Vec<Node>),
    /// `field` is its name with the `.$`.
    Filled {
        field: String,
        expression: Expression,
    },
}

/// A field that ends in `.$` and holds neither a path nor a call. Its [`Display`](fmt::Display) is what AWS says before
/// ` at ` and the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    /// With its `.$`.
    pub field: String,
    /// Where the object with that field is, from the template, as a JSON pointer: empty, or `/a/0/b`.
    pub within: String,
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = &self.field;
        write!(f, "The value for the field '{field}' must be a valid JSONPath or a valid intrinsic function call")
    }
}

impl std::error::Error for TemplateError {}

impl Template {
    pub fn parse(value: &Value) -> Result<Self, TemplateError> {
        node(value, "").map(Self)
    }

    /// Every field of the whole that is wrong, where [`Template::parse`] gives the first.
    #[must_use]
    pub fn errors(value: &Value) -> Vec<TemplateError> {
        let mut errors = Vec::new();
        collect(value, "", &mut errors);
        errors
    }

    /// Fills it in.
    pub fn evaluate(&self, scope: &Scope<'_>, rng: &dyn Rng) -> Result<Value, EvaluationError> {
        self.0.evaluate(scope, rng)
    }

    /// Adds the variables that it reads, without their `$`.
    pub fn variables(&self, into: &mut BTreeSet<String>) {
        self.0.variables(into);
    }

    /// Whether there is nothing to fill in.
    #[must_use]
    pub fn is_literal(&self) -> bool {
        matches!(self.0, Node::Literal(_))
    }
}

fn node(value: &Value, within: &str) -> Result<Node, TemplateError> {
    let node = match value {
        Value::Object(members) => {
            let each = members.iter().map(|(name, value)| member(name, value, within));
            Node::Object(each.collect::<Result<_, _>>()?)
        }
        Value::Array(items) => {
            let each = items.iter().enumerate().map(|(at, item)| node(item, &format!("{within}/{at}")));
            Node::Array(each.collect::<Result<_, _>>()?)
        }
        plain => return Ok(Node::Literal(plain.clone())),
    };
    Ok(if node.is_plain() { Node::Literal(value.clone()) } else { node })
}

fn member(name: &str, value: &Value, within: &str) -> Result<(String, Node), TemplateError> {
    let Some(short) = name.strip_suffix(".$") else {
        return Ok((name.to_owned(), node(value, &format!("{within}/{}", escaped(name)))?));
    };
    let expression = value.as_str().and_then(|text| Expression::parse(text).ok());
    let expression = expression.ok_or_else(|| TemplateError { field: name.to_owned(), within: within.to_owned() })?;
    Ok((short.to_owned(), Node::Filled { field: name.to_owned(), expression }))
}

fn collect(value: &Value, within: &str, errors: &mut Vec<TemplateError>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                if name.ends_with(".$") {
                    errors.extend(member(name, value, within).err());
                } else {
                    collect(value, &format!("{within}/{}", escaped(name)), errors);
                }
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                collect(item, &format!("{within}/{at}"), errors);
            }
        }
        _ => {}
    }
}

/// As JSON pointers want names.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

impl Node {
    /// Whether all that is in it is literal.
    fn is_plain(&self) -> bool {
        match self {
            Self::Literal(_) => true,
            Self::Object(members) => members.iter().all(|(_, node)| matches!(node, Self::Literal(_))),
            Self::Array(items) => items.iter().all(|node| matches!(node, Self::Literal(_))),
            Self::Filled { .. } => false,
        }
    }

    fn evaluate(&self, scope: &Scope<'_>, rng: &dyn Rng) -> Result<Value, EvaluationError> {
        Ok(match self {
            Self::Literal(value) => value.clone(),
            Self::Object(members) => {
                let each = members.iter().map(|(name, node)| Ok((name.clone(), node.evaluate(scope, rng)?)));
                Value::Object(each.collect::<Result<Map<_, _>, EvaluationError>>()?)
            }
            Self::Array(items) => {
                Value::Array(items.iter().map(|node| node.evaluate(scope, rng)).collect::<Result<_, _>>()?)
            }
            Self::Filled { field, expression } => expression.evaluate(field, scope, rng)?,
        })
    }

    fn variables(&self, into: &mut BTreeSet<String>) {
        match self {
            Self::Literal(_) => {}
            Self::Object(members) => members.iter().for_each(|(_, node)| node.variables(into)),
            Self::Array(items) => items.iter().for_each(|node| node.variables(into)),
            Self::Filled { expression, .. } => expression.variables(into),
        }
    }
}
