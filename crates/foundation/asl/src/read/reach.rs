//! Whether all that is gone to is there, and all that is there is gone to.

use std::collections::BTreeSet;

use super::{NO_END, Notes, TARGET};
use crate::definition::{After, Kind, Machine, Name, State};

pub(super) fn reach(notes: &mut Notes, machine: &Machine, at: &str) {
    if !machine.states.contains_key(&machine.start) {
        missing(notes, "StartAt", &machine.start, &format!("{at}/StartAt"));
    }
    for name in &machine.order {
        let Some(state) = machine.states.get(name) else { continue };
        for (field, target, place) in targets(state) {
            if !machine.states.contains_key(target) {
                missing(notes, field, target, &format!("{at}/States/{name}/{place}"));
            }
        }
    }
    let seen = seen(machine);
    for name in machine.order.iter().filter(|name| !seen.contains(*name)) {
        notes.push(TARGET, &format!("{at}/States/{name}"), format!("State \"{name}\" is not reachable."));
    }
    let whole = machine.states.values().flat_map(targets).all(|(_, target, _)| machine.states.contains_key(target));
    if whole && !machine.states.values().any(ends) {
        notes.push(NO_END, at, "The workflow does not have a terminal state.".to_owned());
    }
}

/// Whether a machine may end with that state.
fn ends(state: &State) -> bool {
    !matches!(state.kind, Kind::Choice(_)) && state.after == After::End
}

fn missing(notes: &mut Notes, field: &str, target: &str, at: &str) {
    notes.push(TARGET, at, format!("Missing '{field}' target: {target}"));
}

/// Field, target and the field's place within the state.
fn targets(state: &State) -> Vec<(&'static str, &Name, String)> {
    let mut targets = Vec::new();
    if let After::Next(next) = &state.after {
        targets.push(("Next", next, "Next".to_owned()));
    }
    for (n, catcher) in state.handling.catch.iter().enumerate() {
        targets.push(("Next", &catcher.next, format!("Catch[{n}]/Next")));
    }
    if let Kind::Choice(choice) = &state.kind {
        for (n, rule) in choice.rules.iter().enumerate() {
            targets.push(("Next", &rule.next, format!("Choices[{n}]/Next")));
        }
        targets.extend(choice.default.iter().map(|default| ("Default", default, "Default".to_owned())));
    }
    targets
}

fn seen(machine: &Machine) -> BTreeSet<&Name> {
    let (mut seen, mut open) = (BTreeSet::new(), vec![&machine.start]);
    while let Some(name) = open.pop() {
        if seen.insert(name)
            && let Some(state) = machine.states.get(name)
        {
            open.extend(targets(state).into_iter().map(|(_, target, _)| target));
        }
    }
    seen
}
