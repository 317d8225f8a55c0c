//! From text to a [`Definition`], with everything that is wrong with it.

mod alone;
mod choices;
mod field;
mod handlers;
mod maps;
mod reach;
mod reads;
mod references;
mod resource;
mod shape;
mod state;
mod waits;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::definition::{Definition, Language, Machine, Name};
pub use alone::{find, one, one_of};
use field::Fields;
pub use references::references;

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
    let Ok(Value::Object(whole)) = serde_json::from_str(text) else {
        let message = "Definition must be a valid JSON object".to_owned();
        return Err(vec![Diagnostic { code: SCHEMA, message, location: None }]);
    };
    let mut notes = Notes { workflow, ..Notes::default() };
    let read = whole_of(&mut notes, (&whole, reads::input(text)));
    match read {
        Some(read) if notes.found.is_empty() => Ok(read),
        _ => Err(notes.found),
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
