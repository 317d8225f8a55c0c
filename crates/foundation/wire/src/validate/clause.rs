//! The constraints of a single shape, in AWS's words.

use crate::Value;
use crate::model::{Kind, Shape};

/// Whether the shape has any constraint at all.
pub(super) fn has_any(shape: &Shape) -> bool {
    shape.min.is_some() || shape.max.is_some() || shape.pattern.is_some() || !shape.values.is_empty()
}

/// All constraints of the shape.
pub(super) fn all(shape: &Shape) -> Vec<String> {
    let bounds = shape.max.map(|max| upper(shape, max)).into_iter().chain(shape.min.map(|min| lower(shape, min)));
    let pattern = shape.pattern.map(|_| pattern(shape));
    let values = (!shape.values.is_empty()).then(|| values(shape));
    bounds.chain(pattern).chain(values).collect()
}

/// Those that the value violates.
pub(super) fn violated(shape: &'static Shape, value: &Value) -> impl Iterator<Item = String> {
    let size = size(value);
    let above = shape.max.filter(|&max| size.is_some_and(|size| size > as_float(max))).map(|max| upper(shape, max));
    let below = shape.min.filter(|&min| size.is_some_and(|size| size < as_float(min))).map(|min| lower(shape, min));
    let text = if let Value::Text(text) = value { Some(text.as_str()) } else { None };
    let unmatched = shape.pattern.filter(|found| text.is_some_and(|text| !found.matches(text))).map(|_| pattern(shape));
    let unlisted = !shape.values.is_empty() && texts(value).any(|text| !shape.values.contains(&text));
    let unlisted = unlisted.then(|| values(shape));
    [below, above, unmatched, unlisted].into_iter().flatten()
}

/// The text itself, or those in a list.
fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let items = if let Value::List(items) = value { items.as_slice() } else { std::slice::from_ref(value) };
    items.iter().filter_map(|item| if let Value::Text(text) = item { Some(text.as_str()) } else { None })
}

/// What bounds are about: a number itself, else a length. Characters, not bytes, are counted in text.
fn size(value: &Value) -> Option<f64> {
    let length = match value {
        Value::Int(number) => return Some(as_float(*number)),
        Value::Float(number) => return Some(*number),
        Value::Text(text) => text.chars().count(),
        Value::Blob(bytes) => bytes.len(),
        Value::List(items) => items.len(),
        Value::Map(entries) => entries.len(),
        _ => return None,
    };
    i64::try_from(length).ok().map(as_float)
}

#[expect(clippy::cast_precision_loss, reason = "bounds and lengths stay far below 2^53, or don't mind")]
fn as_float(number: i64) -> f64 {
    number as f64
}

fn upper(shape: &Shape, max: i64) -> String {
    format!("Member must have {} less than or equal to {}", measure(shape), bound(shape, max))
}

fn lower(shape: &Shape, min: i64) -> String {
    format!("Member must have {} greater than or equal to {}", measure(shape), bound(shape, min))
}

fn measure(shape: &Shape) -> &'static str {
    match shape.kind {
        Kind::Integer | Kind::Long | Kind::Double => "value",
        _ => "length",
    }
}

fn bound(shape: &Shape, bound: i64) -> String {
    if shape.kind == Kind::Double { format!("{bound}.0") } else { bound.to_string() }
}

fn pattern(shape: &Shape) -> String {
    let text = shape.pattern.map_or("", |pattern| pattern.text());
    format!("Member must satisfy regular expression pattern: {text}")
}

fn values(shape: &Shape) -> String {
    let listed = shape.wording.map(|wording| wording.listed).filter(|listed| !listed.is_empty());
    format!("Member must satisfy enum value set: [{}]", listed.unwrap_or(shape.values).join(", "))
}
