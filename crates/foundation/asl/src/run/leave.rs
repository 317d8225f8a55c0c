//! A state is left.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::context::{Around, Found};
use super::engine::Engine;
use super::frame::{FrameId, Phase};
use super::{Ending, Failed, Trouble, events, tasks};
use crate::definition::{After, Assign, Filter, Language, Name, Place, State};
use crate::lang::Env;

/// What a state ends with.
pub(super) struct Leaving {
    pub(super) output: Value,
    pub(super) assigned: BTreeMap<Name, Value>,
    pub(super) after: After,
}

impl Engine<'_> {
    /// The state has done what it does. `result`: what came of it, where its kind has one; `input`: after `InputPath`.
    pub(super) fn finish(&mut self, frame: FrameId, state: &State, result: Option<Value>, input: Value) -> Found<()> {
        let around = self.around(frame);
        if let Some(result) = &result {
            self.note_result(state, result);
        }
        let leaving = match state.language {
            Language::Paths => self.by_paths(frame, state, result, (&around, &input))?,
            Language::Jsonata => by_jsonata(self, state, result, (&around, &input))?,
        };
        self.leave_or_fail(frame, state, leaving);
        Ok(())
    }

    pub(super) fn leave_or_fail(&mut self, frame: FrameId, state: &State, leaving: Leaving) {
        if let Err(too_large) = self.leave(frame, state, leaving) {
            self.fail(frame, too_large, false);
        }
    }

    /// The same for what ends later than it was entered: the input is found again. What goes wrong is the state's failure.
    pub(super) fn done(&mut self, frame: FrameId, state: &State, result: Option<Value>) {
        let input = self.input_of(&state.data, &self.around(frame), &self.raw(frame));
        if let Err(trouble) = input.and_then(|input| self.finish(frame, state, result, input)) {
            self.trouble(frame, trouble);
        }
    }

    fn by_paths(
        &self,
        frame: FrameId,
        state: &State,
        result: Option<Value>,
        (around, input): (&Around, &Value),
    ) -> Found<Leaving> {
        let data = &state.data;
        let (mut output, seen) = match result {
            None => (input.clone(), input.clone()),
            Some(result) => {
                let result = match &data.selector {
                    None => result,
                    Some(selector) => selector.evaluate(&around.env(&result, self), "ResultSelector")?,
                };
                self.note("afterResultSelector", &result);
                let placed = place(&data.result, &self.raw(frame), result.clone())?;
                self.note("afterResultPath", &placed);
                (placed, result)
            }
        };
        match &data.output_path {
            Filter::All => {}
            Filter::Nothing => output = json!({}),
            Filter::At(path) => output = around.env(&output, self).at(path)?,
        }
        let assigned = assigned(&data.assign, &around.env(&seen, self))?;
        Ok(Leaving { output, assigned, after: state.after.clone() })
    }

    /// The event of leaving, and where it goes from here.
    ///
    /// # Errors
    /// If the output or a variable is too large: the state hasn't been left.
    pub(super) fn leave(&mut self, frame: FrameId, state: &State, leaving: Leaving) -> Result<(), Failed> {
        let text = leaving.output.to_string();
        if text.len() > tasks::LARGEST {
            return Err(tasks::oversized(&state.name));
        }
        self.small_enough(frame, &leaving.assigned)?;
        self.note_leaving(frame, &leaving);
        let Leaving { output, assigned, after } = leaving;
        let mut details = events::written("output", text);
        details.insert("name".to_owned(), json!(state.name));
        details.extend(assigned_details(&assigned));
        self.next_event(frame, format!("{}StateExited", state.kind.name()), Some(Value::Object(details)));
        for (name, value) in assigned {
            let value = self.run.values.add(value);
            if let Some(standing) = self.run.edit(frame) {
                standing.variables.insert(name, value);
            }
        }
        match after {
            After::End => self.machine_ended(frame, output),
            After::Next(next) => {
                let input = self.run.values.add(output);
                if let Some(standing) = self.run.edit(frame) {
                    (standing.state, standing.input, standing.phase) = (next, input, Phase::Ready);
                }
                if self.inspector.is_none() {
                    self.ready.push_back(frame);
                }
            }
        }
        Ok(())
    }

    fn machine_ended(&mut self, frame: FrameId, output: Value) {
        let Some(standing) = self.run.frames.get(&frame) else { return };
        let last = standing.last;
        match standing.parent {
            None => self.end(Ending::Succeeded(output), last),
            Some(parent) => self.child_ended(parent, frame, output),
        }
    }
}

/// `Output` and `Assign` of JSONata.
pub(super) fn by_jsonata(
    engine: &Engine<'_>,
    state: &State,
    result: Option<Value>,
    (around, input): (&Around, &Value),
) -> Found<Leaving> {
    let env = Env { result: result.as_ref(), ..around.env(input, engine) };
    let assigned = assigned(&state.data.assign, &env)?;
    let output = match &state.data.output {
        Some(output) => output.evaluate(&env, "Output")?,
        None => result.clone().unwrap_or_else(|| input.clone()),
    };
    Ok(Leaving { output, assigned, after: state.after.clone() })
}

/// `ResultPath`.
pub(super) fn place(place: &Place, raw: &Value, result: Value) -> Found<Value> {
    match place {
        Place::Whole => Ok(result),
        Place::Nowhere => Ok(raw.clone()),
        Place::Within(path) => {
            let mut whole = raw.clone();
            path.insert(&mut whole, result).map_err(|_| Trouble {
                error: "States.ResultPathMatchFailure",
                ..Trouble::runtime(format!("Unable to apply ReferencePath {} to input {raw}", path.text()))
            })?;
            Ok(whole)
        }
    }
}

/// `Assign`: all of them see the variables from before.
pub(super) fn assigned(assign: &Assign, env: &Env<'_>) -> Found<BTreeMap<Name, Value>> {
    let mut values = BTreeMap::new();
    for (name, template) in assign {
        let value = template.evaluate(env, "Assign")?;
        values.insert(name.clone(), value.get(&**name).cloned().unwrap_or_default());
    }
    Ok(values)
}

fn assigned_details(assigned: &BTreeMap<Name, Value>) -> Map<String, Value> {
    if assigned.is_empty() {
        return Map::new();
    }
    let texts: Map<String, Value> =
        assigned.iter().map(|(name, value)| (name.to_string(), json!(value.to_string()))).collect();
    let details = json!({ "truncated": false });
    Map::from_iter([
        ("assignedVariables".to_owned(), Value::Object(texts)),
        ("assignedVariablesDetails".to_owned(), details),
    ])
}
