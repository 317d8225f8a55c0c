//! A query, as it is carried out.

use crate::aggregate::Aggregate;
use crate::expr::{Expr, Step};
use crate::parse;
use crate::wrong::Wrong;

/// What is asked of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    pub(crate) columns: Columns,
    /// Within each document, what the records are.
    pub(crate) from: Vec<From>,
    pub(crate) condition: Option<Expr>,
    pub(crate) limit: Option<u64>,
    /// If there are any, all records come to one.
    pub(crate) totals: Vec<Aggregate>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Columns {
    All,
    These(Vec<Column>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) expr: Expr,
}

/// From a document to its records.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum From {
    /// `[*]`: to each of a list.
    Each,
    To(Step),
}

impl Query {
    /// # Errors
    /// In AWS's words, if it is no query, or more than can be asked.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        parse::query(text)
    }
}
