//! From text to a [`Definition`], with everything that is wrong with it.

mod alone;
mod choices;
mod field;
mod handlers;
mod maps;
mod names;
mod reach;
mod reads;
mod references;
mod resource;
mod scopes;
mod shape;
mod state;
mod waits;
mod warnings;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::definition::{Definition, Language, Machine, Name};
pub use alone::{find, one, one_of};
use field::Fields;
pub use references::references;
pub use warnings::warnings;

/// `STANDARD` or `EXPRESS`: what isn't allowed differs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Workflow {
    #[default]
    Standard,
    Express,
}

/// Something wrong with a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// `SCHEMA_VALIDATION_FAILED` and so on.
    pub code: &'static str,
    pub message: String,
    /// `/States/Name/Field`; nothing where the text isn't a JSON object.
    pub location: Option<String>,
}

/// As `CreateStateMachine` says it.
impl fmt::Display for Diagnostic {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.code, self.message)?;
        self.location.as_ref().map_or(Ok(()), |at| write!(out, " at {at}"))
    }
}

pub(crate) const SCHEMA: &str = "SCHEMA_VALIDATION_FAILED";
pub(crate) const TARGET: &str = "MISSING_TRANSITION_TARGET";
pub(crate) const NO_JSON: &str = "INVALID_JSON_DESCRIPTION";
pub(crate) const NO_END: &str = "MISSING_END_STATE";

/// What was found, in the order of the text's fields.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    found: Vec<Diagnostic>,
    pub(crate) workflow: Workflow,
    /// The whole machine is in JSONata: no state may go back.
    pub(crate) all_jsonata: bool,
}

impl Notes {
    pub(crate) fn say(&mut self, at: &str, message: impl Into<String>) {
        self.push(SCHEMA, at, message.into());
    }

    pub(crate) fn push(&mut self, code: &'static str, at: &str, message: String) {
        let location = Some(if at.is_empty() { "/".to_owned() } else { at.to_owned() });
        self.found.push(Diagnostic { code, message, location });
    }
}

/// Reads a whole definition.
///
/// # Errors
/// With everything that is wrong.
pub fn definition(text: &str, workflow: Workflow) -> Result<Definition, Vec<Diagnostic>> {
    match whole(text, workflow)? {
        (Some(read), found) if found.is_empty() => Ok(read),
        (_, found) => Err(found),
    }
}

/// Reads a definition that was found to be right when it was given: what has come to be looked at since isn't.
///
/// # Errors
/// If nothing can be made of it.
pub fn kept(text: &str) -> Result<Definition, Vec<Diagnostic>> {
    let (read, found) = whole(text, Workflow::Standard)?;
    read.ok_or(found)
}

fn whole(text: &str, workflow: Workflow) -> Result<(Option<Definition>, Vec<Diagnostic>), Vec<Diagnostic>> {
    let whole = object(text)?;
    let mut notes = Notes { workflow, ..Notes::default() };
    let read = whole_of(&mut notes, (&whole, reads::input(text)));
    names::states(&mut notes, text);
    if let Some(read) = &read {
        names::labels(&mut notes, &read.machine);
        scopes::scopes(&mut notes, &read.machine);
    }
    Ok((read, notes.found))
}

/// AWS: what isn't JSON has a code of its own, unless there is nothing at all.
pub(crate) fn object(text: &str) -> Result<Map<String, Value>, Vec<Diagnostic>> {
    let wrong = |code, message: String| Err(vec![Diagnostic { code, message, location: None }]);
    match serde_json::from_str(text) {
        Ok(Value::Object(whole)) => Ok(whole),
        Err(error) if !text.trim().is_empty() => wrong(NO_JSON, error.to_string()),
        _ => wrong(SCHEMA, "Definition must be a valid JSON object".to_owned()),
    }
}

fn whole_of(notes: &mut Notes, (whole, reads_input): (&Map<String, Value>, bool)) -> Option<Definition> {
    let fields = Fields::new(whole, "");
    fields.only(notes, &["Comment", "QueryLanguage", "StartAt", "States", "TimeoutSeconds", "Version"]);
    let language = fields.language(notes, Language::Paths);
    notes.all_jsonata = language == Language::Jsonata;
    if let Some(version) = fields.text(notes, "Version")
        && version != "1.0"
    {
        notes.say("/Version", "Version must be '1.0'");
    }
    let machine = machine(notes, &fields, language)?;
    let timeout = fields.whole(notes, "TimeoutSeconds", 1..=LONGEST);
    let comment = fields.text(notes, "Comment").map(str::to_owned);
    let activities = reads::activities(&machine);
    Some(Definition { machine, timeout, comment, reads_input, activities })
}

/// A year and a day, the most that `TimeoutSeconds` may be.
pub(crate) const LONGEST: u64 = 99_999_999;

/// `StartAt` and `States` of a whole definition, a branch or a processor.
pub(crate) fn machine(notes: &mut Notes, fields: &Fields<'_>, language: Language) -> Option<Machine> {
    // AWS: in this order, whatever the order in the text.
    if !fields.required(notes, &["States", "StartAt"]) {
        return None;
    }
    let (start, written) = (fields.text(notes, "StartAt")?, fields.object(notes, "States")?);
    if written.is_empty() {
        notes.say(&fields.place("States"), "States must have at least one state");
        return None;
    }
    let (mut states, mut order) = (BTreeMap::new(), Vec::new());
    for (name, value) in written.iter() {
        let at = written.place(name);
        let (name, state): (Name, _) = (Arc::from(name), state::state(notes, name, value, &at, language));
        order.push(Arc::clone(&name));
        states.extend(state.map(|state| (name, state)));
    }
    let machine = Machine { start: Arc::from(start), states, order };
    if machine.states.len() == machine.order.len() {
        reach::reach(notes, &machine, &fields.at);
    }
    Some(machine)
}
