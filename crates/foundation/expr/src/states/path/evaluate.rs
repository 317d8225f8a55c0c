//! Following paths.

use std::borrow::Cow;

use serde_json::Value;

use super::filter::Filter;
use super::step::{Step, Steps};

/// So many places are looked at before a path is given up: what a payload of 256 KiB can't need, and what keeps a path of
/// many `..` from taking for ever.
const MAX_VISITS: usize = 1_000_000;
const TOO_MANY: &str = "The path visits too many places";

type Found<'v> = Vec<Cow<'v, Value>>;

/// Follows a path from `from`; `root` is what `$` in its filters means. The error is what the library would say.
pub(super) fn read(steps: &Steps, from: &Value, root: &Value) -> Result<Value, String> {
    let mut walk = Walk { steps, root, visits: 0, found: Vec::new() };
    walk.step(0, from)?;
    let found = walk.found;
    if !steps.are_definite() {
        return Ok(Value::Array(found.into_iter().map(Cow::into_owned).collect()));
    }
    let first = found.into_iter().next().map(Cow::into_owned);
    first.ok_or_else(|| format!("No results for path: {}", steps.whole()))
}

struct Walk<'s, 'v> {
    steps: &'s Steps,
    root: &'v Value,
    visits: usize,
    found: Found<'v>,
}

impl<'v> Walk<'_, 'v> {
    /// Takes step `at` from `value`, and those behind it.
    fn step(&mut self, at: usize, value: &'v Value) -> Result<(), String> {
        self.visits += 1;
        if self.visits > MAX_VISITS {
            return Err(TOO_MANY.to_owned());
        }
        match self.steps.get(at) {
            None => self.found.push(Cow::Borrowed(value)),
            Some(Step::Names(names)) => self.names(at, names, value)?,
            Some(Step::Indexes(_) | Step::Slice(..)) => self.items(at, value)?,
            Some(Step::Every) => children(value).try_for_each(|child| self.step(at + 1, child))?,
            Some(Step::Filter(filter)) => self.filter(at, filter, value)?,
            Some(Step::Everywhere) => self.everywhere(at + 1, value)?,
        }
        Ok(())
    }

    fn names(&mut self, at: usize, names: &[String], value: &'v Value) -> Result<(), String> {
        let Value::Object(members) = value else { return self.no_object(at) };
        if let [name] = names {
            return match members.get(name) {
                Some(member) => self.step(at + 1, member),
                // AWS: only what is missing on the way is said so; the last one is "No results".
                None if !self.steps.is_last(at) && self.steps.are_definite_before(at) => {
                    Err(format!("Missing property in path {}", self.steps.until(at + 1)))
                }
                None => Ok(()),
            };
        }
        if !self.steps.is_last(at) {
            return Err(format!("Multi properties can only be used as path leafs: {}", self.steps.until(at + 1)));
        }
        let some = names.iter().filter_map(|name| Some((name.clone(), members.get(name)?.clone())));
        self.found.push(Cow::Owned(Value::Object(some.collect())));
        Ok(())
    }

    fn no_object(&self, at: usize) -> Result<(), String> {
        if !self.steps.are_definite_before(at) {
            return Ok(());
        }
        let step = self.steps.get(at).map(Step::to_string).unwrap_or_default();
        Err(format!("Property {step} not found in path {}", self.steps.until(at)))
    }

    fn items(&mut self, at: usize, value: &'v Value) -> Result<(), String> {
        let Value::Array(items) = value else {
            let step = self.steps.get(at).map(Step::to_string).unwrap_or_default();
            return match self.steps.are_definite_before(at) {
                true => Err(format!("Filter: {step} can only be applied to arrays. Current context is: {value}")),
                false => Ok(()),
            };
        };
        match self.steps.get(at) {
            Some(Step::Indexes(indexes)) => {
                let found = indexes.iter().filter_map(|index| items.get(position(*index, items.len())?));
                found.into_iter().try_for_each(|item| self.step(at + 1, item))
            }
            Some(Step::Slice(from, to)) => {
                let side = |side: i64| position(side, items.len()).unwrap_or(0).min(items.len());
                let (from, to) = (from.map_or(0, side), to.map_or(items.len(), side));
                items.get(from..to).unwrap_or_default().iter().try_for_each(|item| self.step(at + 1, item))
            }
            _ => Ok(()),
        }
    }

    fn filter(&mut self, at: usize, filter: &Filter, value: &'v Value) -> Result<(), String> {
        match value {
            // AWS: a filter matches objects and nothing else.
            Value::Array(items) => {
                let objects = items.iter().filter(|item| item.is_object());
                objects.into_iter().try_for_each(|item| self.filtered(at, filter, item))
            }
            // AWS: of an object, a filter asks the object itself.
            Value::Object(_) => self.filtered(at, filter, value),
            _ if self.steps.are_definite_before(at) => {
                Err(format!("Filter: [?] can not be applied to primitives. Current context is: {value}"))
            }
            _ => Ok(()),
        }
    }

    fn filtered(&mut self, at: usize, filter: &Filter, value: &'v Value) -> Result<(), String> {
        self.visits += filter.size();
        if filter.holds(value, self.root) { self.step(at + 1, value) } else { Ok(()) }
    }

    /// Whether step `at` can find something in `value` when it is looked for everywhere.
    fn is_tried(&self, at: usize, value: &Value) -> bool {
        match (self.steps.get(at), value) {
            (Some(Step::Names(names)), Value::Object(members)) => {
                names.len() > 1 || names.iter().all(|name| members.contains_key(name))
            }
            (Some(Step::Indexes(_) | Step::Slice(..)), Value::Array(_)) | (Some(Step::Every), _) => true,
            // Each object is asked once, as itself and not also as its list's item.
            (Some(Step::Filter(_)), Value::Object(_)) => true,
            _ => false,
        }
    }

    /// Tries step `at` on `value` and on everything below.
    fn everywhere(&mut self, at: usize, value: &'v Value) -> Result<(), String> {
        if self.is_tried(at, value) {
            self.step(at, value)?;
        }
        children(value).try_for_each(|child| {
            self.visits += 1;
            if self.visits > MAX_VISITS { Err(TOO_MANY.to_owned()) } else { self.everywhere(at, child) }
        })
    }
}

fn children(value: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match value {
        Value::Array(items) => Box::new(items.iter()),
        Value::Object(members) => Box::new(members.values()),
        _ => Box::new(std::iter::empty()),
    }
}

/// Indexes below zero count from the end.
fn position(index: i64, len: usize) -> Option<usize> {
    match usize::try_from(index) {
        Ok(index) => Some(index),
        Err(_) => len.checked_sub(usize::try_from(index.unsigned_abs()).ok()?),
    }
}
