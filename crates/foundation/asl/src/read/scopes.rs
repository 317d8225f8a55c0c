//! Where variables are set: what is set in a scope isn't set in one within it.

use std::collections::BTreeSet;

use super::Notes;
use crate::definition::{Kind, Machine, Name, State};

pub(super) fn scopes(notes: &mut Notes, machine: &Machine) {
    within(notes, (machine, ""), &BTreeSet::new());
}

fn within(notes: &mut Notes, (machine, at): (&Machine, &str), outer: &BTreeSet<Name>) {
    let mut seen = outer.clone();
    for name in &machine.order {
        let Some(state) = machine.states.get(name) else { continue };
        for (variable, field) in assigned(state) {
            if outer.contains(variable) {
                let message = format!("The variable '{variable}' is already assigned in an outer scope");
                notes.say(&format!("{at}/States/{name}/{field}/{variable}"), message);
            }
            seen.insert(variable.clone());
        }
    }
    for name in &machine.order {
        let at = format!("{at}/States/{name}");
        match machine.states.get(name).map(|state| &state.kind) {
            Some(Kind::Parallel(branches)) => {
                for (n, branch) in branches.iter().enumerate() {
                    within(notes, (branch, &format!("{at}/Branches[{n}]")), &seen);
                }
            }
            Some(Kind::Map(map)) => within(notes, (&map.processor, &format!("{at}/ItemProcessor")), &seen),
            _ => {}
        }
    }
}

/// What a state sets, however it is left, each with the place of the field. AWS: what a Catch sets is of the scope that
/// its state stands in.
fn assigned(state: &State) -> Vec<(&Name, String)> {
    let mut all: Vec<(&Name, String)> = state.data.assign.iter().map(|(name, _)| (name, "Assign".to_owned())).collect();
    for (n, catcher) in state.handling.catch.iter().enumerate() {
        all.extend(catcher.assign.iter().map(|(name, _)| (name, format!("Catch[{n}]/Assign"))));
    }
    if let Kind::Choice(choice) = &state.kind {
        for (n, rule) in choice.rules.iter().enumerate() {
            all.extend(rule.assign.iter().map(|(name, _)| (name, format!("Choices[{n}]/Assign"))));
        }
    }
    all
}
