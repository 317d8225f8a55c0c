//! What a definition may read of the context object, and which activities it names.

use std::collections::BTreeSet;

use crate::definition::{Kind, Machine, Resource};

/// Those of all its tasks.
pub(super) fn activities(machine: &Machine) -> Vec<String> {
    let mut found = BTreeSet::new();
    named(machine, &mut found);
    found.into_iter().collect()
}

fn named(machine: &Machine, found: &mut BTreeSet<String>) {
    for state in machine.states.values() {
        match &state.kind {
            Kind::Task(task) => {
                if let Resource::Activity(arn) = &task.resource {
                    found.insert(arn.clone());
                }
            }
            Kind::Parallel(branches) => branches.iter().for_each(|branch| named(branch, found)),
            Kind::Map(map) => named(&map.processor, found),
            _ => {}
        }
    }
}

/// Whether the execution's input may be read: it is named, or the whole that it is part of.
pub(super) fn input(text: &str) -> bool {
    behind(text, "Execution").any(|rest| rest.starts_with(".Input") || !rest.starts_with('.'))
        || behind(text, "$$").any(|rest| !rest.starts_with('.'))
        || behind(text, "states.context").any(|rest| !rest.starts_with('.'))
}

/// What comes after each place where it stands.
fn behind<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    text.match_indices(name).filter_map(|(at, name)| text.get(at + name.len()..))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_lead_there_counts() {
        for text in [
            "$$.Execution.Input.x",
            "$$",
            "$$['Execution']",
            "$$.Execution",
            "$states.context",
            "$states.context.Execution",
        ] {
            assert!(input(text), "{text}");
        }
        for text in ["$.x", "$$.Execution.Id", "$$.Map.Item.Value", "$states.context.Execution.Name"] {
            assert!(!input(text), "{text}");
        }
    }
}
