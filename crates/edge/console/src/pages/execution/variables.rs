//! The variables that a state found and set.

use std::collections::{BTreeMap, HashMap};

use maud::{Markup, html};
use serde_json::Value;

use super::Scene;
use super::panel::state;
use crate::graph::short;
use crate::trace::assigned;

/// Of a state that was left many times before, as in a loop, so many of the last are looked at. What it sets is
/// mostly the same each time; a choice's rules may set different ones.
const LOOKED_AT: usize = 10;

/// The events by which variables were set that a visit found, in their order.
pub(super) fn setting(scene: &Scene<'_>, at: usize) -> Vec<u64> {
    let mut seen: HashMap<&str, (bool, usize)> = HashMap::new();
    let left = scene.trace.left_before(at).into_iter().rev().filter_map(|at| scene.trace.visits.get(at));
    let mut events = Vec::new();
    for visit in left {
        let sets = || state(&scene.definition, &visit.name).is_some_and(assigns);
        let (sets, times) = seen.entry(&visit.name).or_insert_with(|| (sets(), 0));
        if *sets && *times < LOOKED_AT {
            *times += 1;
            events.extend(visit.exited);
        }
    }
    events.sort_unstable();
    events
}

/// Whether it may set variables, on whichever way it is left.
fn assigns(state: &Value) -> bool {
    let parts = ["Choices", "Catch"].into_iter().filter_map(|name| state.get(name)?.as_array()).flatten();
    std::iter::once(state).chain(parts).any(|part| part.get("Assign").is_some())
}

/// `setting`: the events by which what was found was set; `exit`: by which this visit was left.
pub(super) fn variables(whole: &HashMap<u64, Value>, setting: &[u64], exit: Option<u64>) -> Markup {
    let found: BTreeMap<_, _> = setting.iter().filter_map(|event| whole.get(event)).flat_map(assigned).collect();
    let set: BTreeMap<_, _> = exit.and_then(|event| whole.get(&event)).into_iter().flat_map(assigned).collect();
    html! {
        @if !found.is_empty() {
            details { summary { "Variables that it found (" (found.len()) ")" } dl.variables { @for (name, value) in found { (variable(name, value)) } } }
        }
        @if !set.is_empty() {
            h3 { "Variables that it set" }
            dl.variables { @for (name, value) in set { (variable(name, value)) } }
        }
    }
}

fn variable(name: &str, value: &str) -> Markup {
    html! { dt { code { "$" (name) } } dd { code { (short(value, 2_000)) } } }
}
