//! Which items of a partition a `Query` asks for.

use std::cmp::Ordering;

use super::compare;
use super::condition::{Comparison, Condition, Operand};
use super::error::{Invalid, Kind};
use super::path::Path;
use super::value::{AttributeValue, Type};

/// The key attributes of a table or an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySchema {
    pub hash: (String, Type),
    pub range: Option<(String, Type)>,
}

/// What is asked of the sort key.
#[derive(Clone, Debug, PartialEq)]
pub enum SortCondition {
    Compare(Comparison, AttributeValue),
    Between(AttributeValue, AttributeValue),
    BeginsWith(AttributeValue),
}

/// One partition, and which of its sort keys.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyCondition {
    pub hash: AttributeValue,
    pub sort: Option<SortCondition>,
}

impl SortCondition {
    #[must_use]
    pub fn admits(&self, key: &AttributeValue) -> bool {
        let ordered = |comparison: Comparison, bound| {
            compare::order(key, bound).is_some_and(|order: Ordering| comparison.admits(order))
        };
        match self {
            Self::Compare(comparison, bound) => ordered(*comparison, bound),
            Self::Between(low, high) => {
                ordered(Comparison::GreaterOrEqual, low) && ordered(Comparison::LessOrEqual, high)
            }
            Self::BeginsWith(prefix) => compare::begins_with(key, prefix),
        }
    }

    fn operands(&self) -> Vec<&AttributeValue> {
        match self {
            Self::Compare(_, one) | Self::BeginsWith(one) => vec![one],
            Self::Between(low, high) => vec![low, high],
        }
    }

    fn has_type(&self, wanted: Type) -> bool {
        let prefixable = !matches!(self, Self::BeginsWith(_)) || wanted != Type::N;
        prefixable && self.operands().iter().all(|value| value.type_of() == wanted)
    }
}

impl KeyCondition {
    /// Reads a parsed condition as one on the keys of `schema`.
    ///
    /// # Errors
    /// In AWS's words, if it is anything but an equality on the partition key and at most one condition on the sort key.
    pub fn of(condition: &Condition, schema: &KeySchema) -> Result<Self, Invalid> {
        let mut found: Vec<(&str, SortCondition)> = Vec::new();
        for one in flatten(condition) {
            let (attribute, sort) = single(one)?;
            if found.iter().any(|(seen, _)| *seen == attribute) {
                return Err(
                    Kind::KeyCondition.invalid("KeyConditionExpressions must only contain one condition per key")
                );
            }
            found.push((attribute, sort));
        }
        schema.select(&found)
    }
}

impl KeySchema {
    fn select(&self, found: &[(&str, SortCondition)]) -> Result<KeyCondition, Invalid> {
        let keys = 1 + usize::from(self.range.is_some());
        if found.len() > keys.max(2) {
            return Err(Invalid::new(format!(
                "The number of query conditions ({}) exceeds the number of key attributes defined in the schema ({keys})",
                found.len()
            )));
        }
        let hash = find(found, &self.hash.0).ok_or_else(|| missed(&self.hash.0))?;
        let sort = self.select_sort(found)?;
        let SortCondition::Compare(Comparison::Equal, hash) = hash else {
            return Err(Invalid::new("Query key condition not supported"));
        };
        let typed = hash.type_of() == self.hash.1 && sort.is_none_or(|(sort, wanted)| sort.has_type(wanted));
        if !typed {
            return Err(Invalid::new(
                "One or more parameter values were invalid: Condition parameter type does not match schema type",
            ));
        }
        Ok(KeyCondition { hash: hash.clone(), sort: sort.map(|(sort, _)| sort.clone()) })
    }

    fn select_sort<'a>(
        &self,
        found: &'a [(&str, SortCondition)],
    ) -> Result<Option<(&'a SortCondition, Type)>, Invalid> {
        if found.len() < 2 {
            return Ok(None);
        }
        let Some((name, wanted)) = &self.range else {
            return Err(Invalid::new("Query key condition not supported"));
        };
        let sort = find(found, name).ok_or_else(|| missed(name))?;
        if matches!(sort, SortCondition::Compare(Comparison::NotEqual, _)) {
            return Err(Invalid::new("Query key condition not supported"));
        }
        Ok(Some((sort, *wanted)))
    }
}

fn find<'a>(found: &'a [(&str, SortCondition)], name: &str) -> Option<&'a SortCondition> {
    found.iter().find(|(attribute, _)| *attribute == name).map(|(_, sort)| sort)
}

fn missed(name: &str) -> Invalid {
    Invalid::new(format!("Query condition missed key schema element: {name}"))
}

fn flatten(condition: &Condition) -> Vec<&Condition> {
    match condition {
        Condition::And(all) => all.iter().flat_map(flatten).collect(),
        other => vec![other],
    }
}

/// The attribute of one condition, and what is asked of it.
fn single(condition: &Condition) -> Result<(&str, SortCondition), Invalid> {
    match condition {
        Condition::Compare { comparison: Comparison::NotEqual, .. } => Err(operator("<>")),
        Condition::Compare { comparison, left, right } => comparison_of(*comparison, left, right),
        Condition::Between { operand, low, high } => {
            let name = attribute("BETWEEN", operand, &[low, high])?;
            Ok((name, SortCondition::Between(value(low)?, value(high)?)))
        }
        Condition::BeginsWith(whole, prefix) => {
            let name = attribute("begins_with", whole, &[prefix])?;
            Ok((name, SortCondition::BeginsWith(value(prefix)?)))
        }
        Condition::And(_) => Err(operator("AND")),
        Condition::Or(_) => Err(operator("OR")),
        Condition::Not(_) => Err(operator("NOT")),
        Condition::In { .. } => Err(operator("IN")),
        Condition::Exists(_) => Err(operator("attribute_exists")),
        Condition::NotExists(_) => Err(operator("attribute_not_exists")),
        Condition::HasType(..) => Err(operator("attribute_type")),
        Condition::Contains(..) => Err(operator("contains")),
    }
}

fn comparison_of<'a>(
    comparison: Comparison,
    left: &'a Operand,
    right: &'a Operand,
) -> Result<(&'a str, SortCondition), Invalid> {
    let (path, other, comparison) = match (left, right) {
        (Operand::Size(_), _) | (_, Operand::Size(_)) => return Err(operator("size")),
        (Operand::Path(_), Operand::Path(_)) => return Err(several_names()),
        (Operand::Path(path), Operand::Value(other)) => (path, other, comparison),
        (Operand::Value(other), Operand::Path(path)) => (path, other, comparison.flipped()),
        (Operand::Value(_), Operand::Value(_)) => {
            return Err(Invalid::new("Invalid condition in KeyConditionExpression: No key attribute specified"));
        }
    };
    Ok((top_level(path)?, SortCondition::Compare(comparison, other.clone())))
}

fn attribute<'a>(name: &str, first: &'a Operand, rest: &[&Operand]) -> Result<&'a str, Invalid> {
    if std::iter::once(&first).chain(rest).any(|operand| matches!(operand, Operand::Size(_))) {
        return Err(operator("size"));
    }
    let in_rest = rest.iter().any(|operand| matches!(operand, Operand::Path(_)));
    match (first, in_rest) {
        (Operand::Path(_), true) => Err(several_names()),
        (Operand::Path(path), false) => top_level(path),
        (_, true) => Err(Invalid::new(format!(
            "Invalid condition in KeyConditionExpression: {name} operator must have the key attribute as its first operand"
        ))),
        (_, false) => Err(Invalid::new("Invalid condition in KeyConditionExpression: No key attribute specified")),
    }
}

fn value(operand: &Operand) -> Result<AttributeValue, Invalid> {
    match operand {
        Operand::Value(value) => Ok(value.clone()),
        _ => Err(several_names()),
    }
}

fn top_level(path: &Path) -> Result<&str, Invalid> {
    if path.is_top_level() {
        return Ok(&path.root);
    }
    Err(Invalid::new("KeyConditionExpressions cannot have conditions on nested attributes"))
}

fn operator(name: &str) -> Invalid {
    Invalid::new(format!("Invalid operator used in KeyConditionExpression: {name}"))
}

fn several_names() -> Invalid {
    Invalid::new("Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition")
}
