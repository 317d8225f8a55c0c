//! Conditions, parsed: what `ConditionExpression`, `FilterExpression` and `KeyConditionExpression` become.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::compare;
use super::number::Number;
use super::path::Path;
use super::value::{AttributeValue, Item, Type};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// The comparison that holds of `b, a` where this one holds of `a, b`.
    #[must_use]
    pub fn flipped(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            same => same,
        }
    }

    /// Whether it orders, and so takes ordered types only.
    #[must_use]
    pub fn is_ordering(self) -> bool {
        !matches!(self, Self::Equal | Self::NotEqual)
    }

    fn holds(self, left: &AttributeValue, right: &AttributeValue) -> bool {
        match self {
            Self::Equal => left.same(right),
            Self::NotEqual => !left.same(right),
            _ => compare::order(left, right).is_some_and(|order| self.admits(order)),
        }
    }

    /// Whether an order of left and right satisfies this.
    #[must_use]
    pub fn admits(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

/// What conditions compare.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    Path(Path),
    Value(AttributeValue),
    /// `size(…)` of a path or a value.
    Size(Box<Operand>),
}

impl Operand {
    /// The value in `item`; `None` if it isn't there.
    #[must_use]
    pub fn value<'a>(&'a self, item: &'a Item) -> Option<Cow<'a, AttributeValue>> {
        match self {
            Self::Path(path) => path.find(item).map(Cow::Borrowed),
            Self::Value(value) => Some(Cow::Borrowed(value)),
            Self::Size(of) => {
                let size = compare::size(of.value(item)?.as_ref())?;
                Some(Cow::Owned(AttributeValue::N(Number::from(size))))
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    Compare { comparison: Comparison, left: Operand, right: Operand },
    Between { operand: Operand, low: Operand, high: Operand },
    In { operand: Operand, list: Vec<Operand> },
    Exists(Path),
    NotExists(Path),
    HasType(Operand, Type),
    BeginsWith(Operand, Operand),
    Contains(Operand, Operand),
}

impl Condition {
    /// Whether it is true of `item`; of no item, give an empty one.
    #[must_use]
    pub fn holds(&self, item: &Item) -> bool {
        match self {
            Self::And(all) => all.iter().all(|c| c.holds(item)),
            Self::Or(any) => any.iter().any(|c| c.holds(item)),
            Self::Not(inner) => !inner.holds(item),
            Self::Compare { comparison, left, right } => compare(*comparison, left, right, item),
            Self::Between { operand, low, high } => {
                compare(Comparison::GreaterOrEqual, operand, low, item)
                    && compare(Comparison::LessOrEqual, operand, high, item)
            }
            Self::In { operand, list } => list.iter().any(|one| compare(Comparison::Equal, operand, one, item)),
            Self::Exists(path) => path.find(item).is_some(),
            Self::NotExists(path) => path.find(item).is_none(),
            Self::HasType(operand, wanted) => operand.value(item).is_some_and(|v| v.type_of() == *wanted),
            Self::BeginsWith(whole, prefix) => both(whole, prefix, item, compare::begins_with),
            Self::Contains(whole, part) => both(whole, part, item, compare::contains),
        }
    }

    /// Calls `see` with every path in it.
    pub fn each_path<'a>(&'a self, see: &mut dyn FnMut(&'a Path)) {
        match self {
            Self::And(list) | Self::Or(list) => list.iter().for_each(|c| c.each_path(see)),
            Self::Not(inner) => inner.each_path(see),
            Self::Compare { left, right, .. } => paths_of([left, right], see),
            Self::Between { operand, low, high } => paths_of([operand, low, high], see),
            Self::In { operand, list } => paths_of(std::iter::once(operand).chain(list), see),
            Self::Exists(path) | Self::NotExists(path) => see(path),
            Self::HasType(operand, _) => paths_of([operand], see),
            Self::BeginsWith(a, b) | Self::Contains(a, b) => paths_of([a, b], see),
        }
    }
}

fn paths_of<'a>(operands: impl IntoIterator<Item = &'a Operand>, see: &mut dyn FnMut(&'a Path)) {
    for operand in operands {
        match operand {
            Operand::Path(path) => see(path),
            Operand::Size(inner) => paths_of([inner.as_ref()], see),
            Operand::Value(_) => {}
        }
    }
}

fn compare(comparison: Comparison, left: &Operand, right: &Operand, item: &Item) -> bool {
    match (left.value(item), right.value(item)) {
        (Some(left), Some(right)) => comparison.holds(&left, &right),
        // AWS: an absent attribute is unequal to everything, and neither equal, less nor greater.
        _ => comparison == Comparison::NotEqual,
    }
}

fn both(a: &Operand, b: &Operand, item: &Item, test: fn(&AttributeValue, &AttributeValue) -> bool) -> bool {
    match (a.value(item), b.value(item)) {
        (Some(a), Some(b)) => test(&a, &b),
        _ => false,
    }
}
