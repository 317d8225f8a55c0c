//! Values with expressions in them.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value};

use super::Bindings;
use super::engine::{Chosen, Engine};
use super::error::{QueryError, SyntaxError};
use super::expression::Expression;

/// What `Arguments`, `Output`, `Assign` and their like hold, read and ready to be filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    node: Node,
    /// What the expressions read, `states` included.
    free: BTreeSet<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    /// Without any expression.
    Literal(Value),
    Object(Vec<(String, Node)>),
    Array(Vec<Node>),
    Expression(Box<Expression>),
}

/// An expression that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    /// Where it stands, from the template, as a JSON pointer: empty, or `/a/0/b`.
    pub within: String,
    pub error: SyntaxError,
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for TemplateError {}

impl Template {
    pub fn parse(value: &Value) -> Result<Self, TemplateError> {
        let mut free = BTreeSet::new();
        let node = parse(value, "", &mut free)?;
        Ok(Self { node, free })
    }

    /// `field` is the template's own, e.g. `Output`. What an error says goes on from there: `Output/items[0]`.
    pub fn evaluate(&self, field: &str, bindings: &Bindings<'_>) -> Result<Value, QueryError> {
        if let Node::Literal(value) = &self.node {
            return Ok(value.clone());
        }
        evaluate(&self.node, field, &mut Chosen::new(bindings, &self.free))
    }

    /// Adds the workflow's variables that it reads, without their `$`.
    pub fn variables(&self, into: &mut BTreeSet<String>) {
        into.extend(self.free.iter().filter(|name| *name != "states").cloned());
    }

    /// Whether there is no expression in it.
    #[must_use]
    pub fn is_literal(&self) -> bool {
        matches!(self.node, Node::Literal(_))
    }
}

fn parse(value: &Value, within: &str, free: &mut BTreeSet<String>) -> Result<Node, TemplateError> {
    let node = match value {
        Value::String(text) => match Expression::within(text) {
            Some(text) => {
                let expression = Expression::parse(text);
                let expression = expression.map_err(|error| TemplateError { within: within.to_owned(), error })?;
                free.extend(expression.free().iter().cloned());
                Node::Expression(Box::new(expression))
            }
            None => Node::Literal(value.clone()),
        },
        Value::Array(items) => {
            let each = items.iter().enumerate().map(|(at, item)| parse(item, &format!("{within}/{at}"), free));
            Node::Array(each.collect::<Result<_, _>>()?)
        }
        Value::Object(members) => {
            let each = members.iter().map(|(name, member)| {
                let escaped = name.replace('~', "~0").replace('/', "~1");
                Ok((name.clone(), parse(member, &format!("{within}/{escaped}"), free)?))
            });
            Node::Object(each.collect::<Result<_, TemplateError>>()?)
        }
        plain => Node::Literal(plain.clone()),
    };
    Ok(if node.is_plain() { Node::Literal(value.clone()) } else { node })
}

impl Node {
    /// Whether all that is in it is literal.
    fn is_plain(&self) -> bool {
        match self {
            Self::Literal(_) => true,
            Self::Object(members) => members.iter().all(|(_, node)| matches!(node, Self::Literal(_))),
            Self::Array(items) => items.iter().all(|node| matches!(node, Self::Literal(_))),
            Self::Expression(_) => false,
        }
    }
}

fn evaluate(node: &Node, field: &str, engine: &mut Chosen) -> Result<Value, QueryError> {
    Ok(match node {
        Node::Literal(value) => value.clone(),
        Node::Object(members) => {
            let each = members
                .iter()
                .map(|(name, node)| Ok((name.clone(), evaluate(node, &format!("{field}/{name}"), engine)?)));
            Value::Object(each.collect::<Result<Map<_, _>, QueryError>>()?)
        }
        Node::Array(items) => {
            let each = items.iter().enumerate().map(|(at, node)| evaluate(node, &format!("{field}[{at}]"), engine));
            Value::Array(each.collect::<Result<_, _>>()?)
        }
        Node::Expression(expression) => expression.evaluate_by(engine, field)?,
    })
}
