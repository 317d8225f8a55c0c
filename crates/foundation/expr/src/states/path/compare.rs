//! Comparisons in filters, as the library makes them.

use std::cmp::Ordering;

use regex::Regex;
use serde_json::Value;

use super::filter::Operator;

/// None is what a path that leads nowhere gives: it equals nothing, itself included.
pub(super) fn holds(left: Option<&Value>, operator: Operator, right: Option<&Value>) -> bool {
    if operator == Operator::NotEqual {
        return !holds(left, Operator::Equal, right);
    }
    let (Some(left), Some(right)) = (left, right) else { return false };
    match operator {
        Operator::Equal => equal(left, right),
        Operator::NotEqual => !equal(left, right),
        Operator::Less => order(left, right) == Some(Ordering::Less),
        Operator::LessOrEqual => order(left, right).is_some_and(Ordering::is_le),
        Operator::Greater => order(left, right) == Some(Ordering::Greater),
        Operator::GreaterOrEqual => order(left, right).is_some_and(Ordering::is_ge),
        // A pattern's text can also come from a path.
        Operator::Matches => right.as_str().and_then(|text| pattern(text, "")).is_some_and(|p| matches(&p, left)),
        Operator::In => contains(right, left),
        Operator::NotIn => !contains(right, left),
        Operator::Contains => contains(left, right),
        Operator::SubsetOf => both(left, right).is_some_and(|(left, right)| left.iter().all(|l| has(right, l))),
        Operator::All => both(left, right).is_some_and(|(left, right)| right.iter().all(|r| has(left, r))),
        Operator::AnyOf => both(left, right).is_some_and(|(left, right)| left.iter().any(|l| has(right, l))),
        Operator::NoneOf => both(left, right).is_some_and(|(left, right)| !left.iter().any(|l| has(right, l))),
        Operator::Size => size(left).is_some_and(|size| equal(&Value::from(size), right)),
        Operator::Empty => size(left).is_some_and(|size| right.as_bool() == Some(size == 0)),
    }
}

/// A pattern matches the whole of a text, as Java's `matches` does.
pub(super) fn pattern(text: &str, flags: &str) -> Option<Regex> {
    let flags: String = flags.chars().filter(|flag| matches!(flag, 'i' | 'm' | 's' | 'x')).collect();
    let flags = if flags.is_empty() { flags } else { format!("(?{flags})") };
    Regex::new(&format!("{flags}^(?:{text})$")).ok()
}

pub(super) fn matches(pattern: &Regex, value: &Value) -> bool {
    match value {
        Value::String(text) => pattern.is_match(text),
        Value::Number(number) => pattern.is_match(&number.to_string()),
        Value::Array(items) => items.iter().any(|item| item.is_string() && matches(pattern, item)),
        _ => false,
    }
}

/// AWS: a number and a text that says it are equal.
fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(_), Value::Number(_)) => order(left, right) == Some(Ordering::Equal),
        (Value::Number(number), Value::String(text)) | (Value::String(text), Value::Number(number)) => {
            text.parse::<f64>().is_ok_and(|parsed| number.as_f64() == Some(parsed))
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| equal(left, right))
        }
        _ => left == right,
    }
}

fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => match (left.as_i64(), right.as_i64()) {
            (Some(left), Some(right)) => Some(left.cmp(&right)),
            _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
        },
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        _ => None,
    }
}

fn has(items: &[Value], item: &Value) -> bool {
    items.iter().any(|one| equal(one, item))
}

fn contains(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Array(items), part) => has(items, part),
        (Value::String(whole), Value::String(part)) => whole.contains(part.as_str()),
        _ => false,
    }
}

fn both<'a>(left: &'a Value, right: &'a Value) -> Option<(&'a [Value], &'a [Value])> {
    Some((left.as_array()?, right.as_array()?))
}

fn size(value: &Value) -> Option<usize> {
    match value {
        Value::Array(items) => Some(items.len()),
        Value::String(text) => Some(text.chars().count()),
        _ => None,
    }
}
