//! One state alone: where it would go on isn't there, and needn't be.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::{Diagnostic, Notes, Workflow, definition, object, state};
use crate::definition::{Definition, Kind, Language, Machine, State};

/// What a state is called whose definition has no name for it.
const NAMELESS: &str = "StateName";

/// Reads the definition of one state.
///
/// # Errors
/// With everything that is wrong.
pub fn one(text: &str) -> Result<Definition, Vec<Diagnostic>> {
    let whole = Value::Object(object(text)?);
    let mut notes = Notes::default();
    match state::state(&mut notes, NAMELESS, &whole, "", Language::Paths) {
        Some(state) if notes.found.is_empty() => Ok(alone(state)),
        _ => Err(notes.found),
    }
}

/// Reads a whole definition, and takes one state out of it, however deep. `None`: there is no such state.
///
/// # Errors
/// With everything that is wrong.
pub fn one_of(text: &str, name: &str) -> Result<Option<Definition>, Vec<Diagnostic>> {
    let whole = definition(text, Workflow::Standard)?;
    Ok(find(&whole.machine, name).cloned().map(alone))
}

/// The state of that name, here or in what is within.
pub fn find<'a>(machine: &'a Machine, name: &str) -> Option<&'a State> {
    let within = |state: &'a State| match &state.kind {
        Kind::Parallel(branches) => branches.iter().find_map(|branch| find(branch, name)),
        Kind::Map(map) => find(&map.processor, name),
        _ => None,
    };
    machine.states.get(name).or_else(|| machine.states.values().find_map(within))
}

fn alone(state: State) -> Definition {
    let start = Arc::clone(&state.name);
    let (order, states) = (vec![Arc::clone(&start)], BTreeMap::from([(Arc::clone(&start), state)]));
    let machine = Machine { start, states, order };
    Definition { machine, timeout: None, comment: None, reads_input: true, activities: Vec::new() }
}
