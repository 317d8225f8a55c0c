//! Metric math: expressions over what other queries of a request answer.
//!
//! [`parse`] makes an [`Expr`] of a text, [`eval`] a [`Value`] of that.

mod eval;
mod functions;
mod lex;
mod parse;

use std::collections::BTreeMap;

pub(crate) use eval::{Grid, Known, eval};
pub(crate) use parse::parse;

/// What is wrong with an expression, to be shown to the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong(pub(crate) String);

impl Wrong {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

/// A parsed expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expr {
    Number(f64),
    Text(String),
    /// Another query, or a keyword of a function.
    Name(String),
    List(Vec<Expr>),
    Call(String, Vec<Expr>),
    Negative(Box<Expr>),
    Both(Op, Box<Expr>, Box<Expr>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Or,
    And,
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Plus,
    Minus,
    Times,
    Over,
    Power,
}

/// Values by the beginnings of their periods, in seconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Line {
    pub(crate) label: String,
    pub(crate) period: i64,
    pub(crate) points: BTreeMap<i64, f64>,
}

/// What an expression gives.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Number(f64),
    Text(String),
    One(Line),
    Many(Vec<Line>),
}

#[cfg(test)]
mod tests;
