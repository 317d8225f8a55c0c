//! Functions of lists.

use serde_json::Value;

use super::function::Outcome;
use super::values::{integer, same};

/// AWS documents it.
const MAX_RANGE: usize = 1000;

fn items(value: &Value) -> Result<&Vec<Value>, String> {
    value.as_array().ok_or_else(|| format!("Expected an array as argument but found: {value}"))
}

pub(super) fn contains(list: &Value, wanted: &Value) -> Outcome {
    Ok(Value::Bool(items(list)?.iter().any(|item| same(item, wanted))))
}

pub(super) fn get_item(list: &Value, index: &Value) -> Outcome {
    let (items, at) = (items(list)?, integer(index)?);
    let item = usize::try_from(at).ok().and_then(|at| items.get(at));
    item.cloned().ok_or_else(|| format!("Index {at} is out of bounds for an array of length {}", items.len()))
}

pub(super) fn length(list: &Value) -> Outcome {
    Ok(Value::from(items(list)?.len()))
}

pub(super) fn partition(list: &Value, size: &Value) -> Outcome {
    let (items, size) = (items(list)?, integer(size)?);
    let size = usize::try_from(size).ok().filter(|size| *size > 0);
    let size = size.ok_or("The chunk size must be a positive integer")?;
    Ok(items.chunks(size).map(<[Value]>::to_vec).collect::<Vec<_>>().into())
}

/// From `first` to `last`, both included where the steps meet them.
pub(super) fn range(first: &Value, last: &Value, step: &Value) -> Outcome {
    let (first, last, step) = (integer(first)?, integer(last)?, integer(step)?);
    if step == 0 {
        return Err("The increment must not be zero".to_owned());
    }
    let next = |at: &i64| at.checked_add(step);
    let all =
        std::iter::successors(Some(first), next).take_while(|at| if step > 0 { *at <= last } else { *at >= last });
    let all: Vec<i64> = all.take(MAX_RANGE + 1).collect();
    if all.len() > MAX_RANGE {
        return Err(format!("The range can't have more than {MAX_RANGE} elements"));
    }
    Ok(all.into())
}

/// In the order of their first appearance.
pub(super) fn unique(list: &Value) -> Outcome {
    let mut seen = std::collections::HashSet::new();
    let unique = items(list)?.iter().filter(|item| seen.insert(key(item)));
    Ok(Value::Array(unique.cloned().collect()))
}

/// Two values are the same where their keys are: members' order means nothing.
fn key(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().map(|(name, value)| format!("{name:?}:{}", key(value))).collect();
            members.sort_unstable();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(key).collect::<Vec<_>>().join(",")),
        plain => plain.to_string(),
    }
}
