//! Expressions, as they are evaluated.

use crate::dates::Part;
use crate::value::{Type, Value};

/// Into a record: from its top.
pub(crate) type Path = Vec<Step>;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// `exact`: as it is written, since it was quoted.
    Name {
        name: String,
        exact: bool,
    },
    Index(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Plus,
    Minus,
    Times,
    Over,
    Modulo,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Coalesce,
    NullIf,
    CharLength,
    Lower,
    Upper,
    Substring,
    ToString,
    ToTimestamp,
    UtcNow,
    Concat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Both,
    Leading,
    Trailing,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expr {
    Literal(Value),
    Path(Path),
    Not(Box<Expr>),
    Negative(Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    Compare(Comparison, Box<Expr>, Box<Expr>),
    Compute(Arithmetic, Box<Expr>, Box<Expr>),
    Between(Box<Expr>, Box<Expr>, Box<Expr>),
    In(Box<Expr>, Vec<Expr>),
    Like {
        text: Box<Expr>,
        pattern: Box<Expr>,
        escape: Option<char>,
    },
    IsNull(Box<Expr>),
    IsMissing(Box<Expr>),
    /// Conditions and results, and the result otherwise.
    Case(Vec<(Expr, Expr)>, Option<Box<Expr>>),
    Cast(Box<Expr>, Type),
    Call(Call, Vec<Expr>),
    Trim {
        side: Side,
        what: Option<Box<Expr>>,
        text: Box<Expr>,
    },
    DateAdd(Part, Box<Expr>, Box<Expr>),
    DateDiff(Part, Box<Expr>, Box<Expr>),
    Extract(Part, Box<Expr>),
    /// What a query adds up, by its place.
    Aggregate(usize),
}
