//! Whether a rule holds of an event: the values at its paths, where lists and names with dots make several of them.
//!
//! AWS: what is wanted of the fields of an object in a list must hold of one object in that list.

use serde_json::{Map, Value};

use super::Rule;
use super::matcher::Matcher;

/// What is wanted of one path, which begins at the object that is looked at.
#[derive(Clone, Copy)]
struct Want<'a> {
    path: &'a str,
    tests: &'a [Matcher],
    /// Whether it holds too if nothing is there.
    absent: bool,
}

impl<'a> Want<'a> {
    fn beyond(self, name: &str) -> Self {
        Self { path: self.path.get(name.len() + 1..).unwrap_or_default(), ..self }
    }

    /// What of the path's beginning names something in `object` that has more in it.
    fn ways<'b>(self, object: &'b Map<String, Value>) -> Vec<(&'a str, &'b Value)> {
        let names = self.path.match_indices('.').filter_map(|(dot, _)| self.path.get(..dot));
        let inner = names.filter_map(|name| Some((name, object.get(name)?)));
        inner.filter(|(_, value)| value.is_object() || value.is_array()).collect()
    }
}

pub(super) fn holds(rule: &Rule, event: &Value) -> bool {
    let Value::Object(object) = event else { return false };
    let wants: Vec<Want> = rule
        .iter()
        .map(|(path, tests)| Want { path, tests: &tests.any_of, absent: tests.any_of.contains(&Matcher::Absent) })
        .collect();
    in_object(object, &wants)
}

fn in_object(object: &Map<String, Value>, wants: &[Want]) -> bool {
    let mut groups: Vec<(&str, &Value, Vec<Want>)> = Vec::new();
    for want in wants {
        let leaf = object.get(want.path);
        if leaf.is_some_and(|value| any(value, want.tests)) {
            continue;
        }
        let want = Want { absent: want.absent && !leaf.is_some_and(has_leaf), ..*want };
        let ways = want.ways(object);
        let Some(((name, value), others)) = ways.split_first() else {
            if want.absent {
                continue;
            }
            return false;
        };
        let alone = |(name, value): &(&str, &Value)| within(value, &[Want { absent: false, ..want.beyond(name) }]);
        if others.iter().any(alone) {
            continue;
        }
        match groups.iter_mut().find(|(group, ..)| group == name) {
            Some((.., group)) => group.push(want.beyond(name)),
            None => groups.push((name, value, vec![want.beyond(name)])),
        }
    }
    groups.iter().all(|(_, value, wants)| within(value, wants))
}

fn within(value: &Value, wants: &[Want]) -> bool {
    match value {
        Value::Object(object) => in_object(object, wants),
        Value::Array(list) => in_list(list, wants),
        _ => wants.iter().all(|want| want.absent),
    }
}

fn in_list(list: &[Value], wants: &[Want]) -> bool {
    // AWS: nothing may be there in any of the list's objects, as long as none of them is chosen.
    let chosen = wants.iter().position(|want| !want.absent || is_there(list, want.path));
    let Some((first, rest)) = chosen.and_then(|at| wants.get(at..)).and_then(<[Want]>::split_first) else {
        return true;
    };
    let mut wants = vec![Want { absent: false, ..*first }];
    wants.extend_from_slice(rest);
    list.iter().any(|value| match value {
        Value::Object(object) => in_object(object, &wants),
        Value::Array(inner) => in_list(inner, &wants),
        _ => false,
    })
}

/// Whether there is any value at a path.
fn is_there(list: &[Value], path: &str) -> bool {
    list.iter().any(|value| match value {
        Value::Object(object) => {
            let want = Want { path, tests: &[], absent: false };
            object.get(path).is_some_and(has_leaf)
                || want
                    .ways(object)
                    .iter()
                    .any(|(name, value)| is_there(std::slice::from_ref(value), want.beyond(name).path))
        }
        Value::Array(inner) => is_there(inner, path),
        _ => false,
    })
}

fn has_leaf(value: &Value) -> bool {
    match value {
        Value::Object(_) => false,
        Value::Array(list) => list.iter().any(has_leaf),
        _ => true,
    }
}

/// Whether a test holds of the value, or of one in the list.
fn any(value: &Value, tests: &[Matcher]) -> bool {
    match value {
        Value::Object(_) => false,
        Value::Array(list) => list.iter().any(|value| any(value, tests)),
        value => tests.iter().any(|test| test.holds(value)),
    }
}
