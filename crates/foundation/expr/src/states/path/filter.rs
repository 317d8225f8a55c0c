//! Filters of paths: what is asked of each item.

use std::borrow::Cow;

use regex::Regex;
use serde_json::Value;

use super::compare;
use super::evaluate;
use super::step::Steps;

/// `@.price > 3 && @.isbn`
#[derive(Clone, Debug)]
pub(super) enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Not(Box<Filter>),
    Compare(Operand, Operator, Operand),
    Exists(Operand),
}

/// What stands on a side of a comparison.
#[derive(Clone, Debug)]
pub(super) enum Operand {
    /// `@…`
    Item(Steps),
    /// `$…`
    Root(Steps),
    Literal(Value),
    /// `/…/i`
    Pattern(Regex),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Matches,
    In,
    NotIn,
    SubsetOf,
    AnyOf,
    NoneOf,
    Contains,
    All,
    Size,
    Empty,
}

impl Operator {
    /// As paths write them; a longer one stands before one that it begins with.
    pub(super) const ALL: [(&'static str, Self); 16] = [
        ("==", Self::Equal),
        ("!=", Self::NotEqual),
        ("=~", Self::Matches),
        ("<=", Self::LessOrEqual),
        (">=", Self::GreaterOrEqual),
        ("<", Self::Less),
        (">", Self::Greater),
        ("in", Self::In),
        ("nin", Self::NotIn),
        ("subsetof", Self::SubsetOf),
        ("anyof", Self::AnyOf),
        ("noneof", Self::NoneOf),
        ("contains", Self::Contains),
        ("all", Self::All),
        ("size", Self::Size),
        ("empty", Self::Empty),
    ];
}

impl Filter {
    /// `root` is what `$` means.
    pub(super) fn holds(&self, item: &Value, root: &Value) -> bool {
        match self {
            Self::All(all) => all.iter().all(|one| one.holds(item, root)),
            Self::Any(any) => any.iter().any(|one| one.holds(item, root)),
            Self::Not(not) => !not.holds(item, root),
            Self::Exists(operand) => operand.exists(item, root),
            Self::Compare(left, Operator::Matches, Operand::Pattern(pattern))
            | Self::Compare(Operand::Pattern(pattern), Operator::Matches, left) => {
                left.value(item, root).is_some_and(|value| compare::matches(pattern, &value))
            }
            Self::Compare(left, operator, right) => {
                compare::holds(left.value(item, root).as_deref(), *operator, right.value(item, root).as_deref())
            }
        }
    }

    /// How much there is to ask.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::All(all) | Self::Any(all) => all.iter().map(Self::size).sum(),
            Self::Not(not) => not.size(),
            Self::Compare(..) | Self::Exists(_) => 1,
        }
    }
}

impl Operand {
    /// None where a path leads nowhere.
    fn value<'a>(&'a self, item: &Value, root: &Value) -> Option<Cow<'a, Value>> {
        match self {
            Self::Item(steps) => evaluate::read(steps, item, root).ok().map(Cow::Owned),
            Self::Root(steps) => evaluate::read(steps, root, root).ok().map(Cow::Owned),
            Self::Literal(value) => Some(Cow::Borrowed(value)),
            Self::Pattern(_) => None,
        }
    }

    fn exists(&self, item: &Value, root: &Value) -> bool {
        match self {
            // Several places exist where there is one of them.
            Self::Item(steps) | Self::Root(steps) if !steps.are_definite() => {
                self.value(item, root).is_some_and(|found| found.as_array().is_some_and(|found| !found.is_empty()))
            }
            _ => self.value(item, root).is_some(),
        }
    }
}
