//! `Choice`: rules, the first of which that holds says where it goes.

use super::{Assign, Name};
use crate::lang::{Path, Query, Template};

/// What a `Choice` has.
#[derive(Clone, Debug)]
pub struct Choice {
    pub rules: Vec<Branch>,
    pub default: Option<Name>,
}

/// A rule and what follows where it holds.
#[derive(Clone, Debug)]
pub struct Branch {
    pub rule: Rule,
    pub next: Name,
    pub assign: Assign,
    /// `Output`, of JSONata.
    pub output: Option<Template>,
}

/// What has to hold.
#[derive(Clone, Debug)]
pub enum Rule {
    And(Vec<Self>),
    Or(Vec<Self>),
    Not(Box<Self>),
    Compare(Comparison),
    /// `Condition`.
    Condition(Query),
    /// `true` or `false`, written.
    Constant(bool),
}

/// A variable held against something.
#[derive(Clone, Debug)]
pub struct Comparison {
    pub variable: Path,
    pub operator: Operator,
}

/// How. `…Path` operators have a path on the right.
#[derive(Clone, Debug)]
pub enum Operator {
    IsNull(bool),
    IsPresent(bool),
    IsNumeric(bool),
    IsString(bool),
    IsBoolean(bool),
    IsTimestamp(bool),
    StringMatches(String),
    Order { kind: Ordered, relation: Relation, right: Right },
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ordered {
    String,
    Numeric,
    Boolean,
    Timestamp,
}

/// What the comparison has to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    Equals,
    LessThan,
    GreaterThan,
    LessThanEquals,
    GreaterThanEquals,
}

/// The right side.
#[derive(Clone, Debug)]
pub enum Right {
    Fixed(serde_json::Value),
    At(Path),
}
