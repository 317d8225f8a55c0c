//! Functions of numbers and of JSON.

use serde_json::{Map, Number, Value};
use updraft_kernel::{Rng, RngExt, SeededRng};

use super::function::Outcome;

/// Numbers are what Java's `int` can hold.
fn int(number: i64) -> Outcome {
    match i32::try_from(number) {
        Ok(number) => Ok(Value::from(number)),
        Err(_) => Err(format!("The number {number} is outside of the range of integers")),
    }
}

/// AWS: a number with a fraction is rounded to the nearest whole one.
pub(super) fn integer(value: &Value) -> Result<i64, String> {
    let number = value.as_number().ok_or_else(|| format!("Expected a number as argument but found: {value}"))?;
    let whole = number.as_i64().or_else(|| rounded(number.as_f64()?));
    let whole = whole.and_then(|whole| i32::try_from(whole).ok()).map(i64::from);
    whole.ok_or_else(|| format!("The number {number} is outside of the range of integers"))
}

fn rounded(number: f64) -> Option<i64> {
    let whole = (number + 0.5).floor();
    // Past these bounds no `int` is meant.
    #[expect(clippy::cast_possible_truncation, reason = "its bounds are checked")]
    (whole.abs() < 1e15).then_some(whole as i64)
}

/// Numbers are the same by value, not by how they are written.
pub(super) fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left == right || left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            let there = |(name, value): (&String, &Value)| right.get(name).is_some_and(|other| same(value, other));
            left.len() == right.len() && left.iter().all(there)
        }
        _ => left == right,
    }
}

pub(super) fn add(left: &Value, right: &Value) -> Outcome {
    int(integer(left)? + integer(right)?)
}

/// From `start` to below `end`. The same seed gives the same number.
pub(super) fn random(start: &Value, end: &Value, seed: Option<&Value>, rng: &dyn Rng) -> Outcome {
    let (start, end) = (integer(start)?, integer(end)?);
    let width = u64::try_from(end - start).ok().filter(|width| *width > 0);
    let width = width.ok_or("The start of the range must be less than its end")?;
    let drawn = match seed {
        Some(seed) => SeededRng::new(integer(seed)?.unsigned_abs()).below(width),
        None => rng.below(width),
    };
    int(start + i64::try_from(drawn).unwrap_or(0))
}

/// AWS: only the uppermost members are merged, and the third argument has to say so.
pub(super) fn merge(left: &Value, right: &Value, deep: &Value) -> Outcome {
    if deep != &Value::Bool(false) {
        return Err("Deep merging is not supported: the third argument must be false".to_owned());
    }
    let mut merged: Map<String, Value> = object(left)?.clone();
    merged.extend(object(right)?.iter().map(|(name, value)| (name.clone(), value.clone())));
    Ok(Value::Object(merged))
}

fn object(value: &Value) -> Result<&Map<String, Value>, String> {
    value.as_object().ok_or_else(|| format!("Expected a JSON object as argument but found: {value}"))
}

/// AWS: a text without anything in it is null.
pub(super) fn from_text(text: &Value) -> Outcome {
    let text = text.as_str().ok_or_else(|| format!("Expected a string as argument but found: {text}"))?;
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(text).map(positive).map_err(|_| format!("The string is not valid JSON: {text}"))
}

/// AWS: `-0` is 0.
fn positive(value: Value) -> Value {
    match value {
        Value::Number(number) if number.as_str() == "-0" => Value::Number(Number::from(0)),
        Value::Array(items) => Value::Array(items.into_iter().map(positive).collect()),
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(name, value)| (name, positive(value))).collect())
        }
        other => other,
    }
}
