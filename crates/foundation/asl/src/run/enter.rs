//! A state is entered.

use serde_json::{Value, json};

use super::context::{Around, Found};
use super::engine::Engine;
use super::frame::{FrameId, Phase};
use super::{Ending, Failed, Trouble, events};
use crate::definition::{Data, Failure, Filter, Kind, Language, State, Written};
use crate::lang::Env;

impl Engine<'_> {
    pub(super) fn enter(&mut self, frame: FrameId) {
        if self.is_full() {
            return;
        }
        let Some(state) = self.state(frame) else { return };
        let Some(standing) = self.run.frames.get(&frame) else { return };
        let (before, input) = (standing.last, self.run.values.get(standing.input));
        let mut details = events::text("input", &input);
        if self.run.input == Some(standing.input) {
            details.insert("input".to_owned(), json!(self.run.text));
        }
        details.insert("name".to_owned(), json!(state.name));
        let id = self.event(format!("{}StateEntered", state.kind.name()), before, Some(Value::Object(details)));
        let (now, tried) = (self.now, self.inspector.map_or(0, |inspector| inspector.tried));
        if let Some(standing) = self.run.edit(frame) {
            (standing.before, standing.entered, standing.last) = (before, id, id);
            (standing.entered_at, standing.retries) = (now, 0);
            standing.tries = vec![tried; state.handling.retry.len()];
        }
        self.work(frame, state);
    }

    /// Another try of the state.
    pub(super) fn again(&mut self, frame: FrameId) {
        if let Some(state) = self.state(frame) {
            self.work(frame, state);
        }
    }

    fn work(&mut self, frame: FrameId, state: &State) {
        let around = self.around(frame);
        let input = match self.input_of(&state.data, &around, &self.raw(frame)) {
            Ok(input) => input,
            Err(trouble) => return self.trouble(frame, trouble),
        };
        self.note_input(state, &input);
        if self.inspector.is_some_and(|inspector| inspector.mocked) {
            if let Err(trouble) = self.without_work((frame, state), &around, &input) {
                self.trouble(frame, trouble);
            }
            return;
        }
        let done = match &state.kind {
            Kind::Pass(result) => self.pass(frame, (state, result.as_ref()), &around, input),
            Kind::Succeed => self.finish(frame, state, None, input),
            Kind::Fail(failure) => return self.fail_state(frame, (state, failure), &around, &input),
            Kind::Wait(waits) => self.wait(frame, (state, waits), &around, &input),
            Kind::Choice(choice) => self.choose(frame, (state, choice), &around, input),
            Kind::Task(task) => self.call(frame, (state, task), around, input),
            Kind::Parallel(branches) => self.branch(frame, (state, branches.len()), &around, input),
            Kind::Map(map) => self.map(frame, (state, map), &around, input),
        };
        if let Err(trouble) = done {
            self.trouble(frame, trouble);
        }
    }

    /// `InputPath`. States of JSONata take everything.
    pub(super) fn input_of(&self, data: &Data, around: &Around, raw: &Value) -> Found<Value> {
        match &data.input {
            Filter::All => Ok(raw.clone()),
            Filter::Nothing => Ok(json!({})),
            Filter::At(path) => around.env(raw, self).at(path),
        }
    }

    /// `Parameters` or `Arguments`; without them, the input.
    pub(super) fn arguments(&self, state: &State, env: &Env<'_>) -> Found<Value> {
        let arguments = match &state.data.arguments {
            None => env.input.clone(),
            Some(template) => template.evaluate(env, argument_field(state.language))?,
        };
        self.note_arguments(state, &arguments);
        Ok(arguments)
    }

    fn pass(&mut self, frame: FrameId, of: (&State, Option<&Value>), around: &Around, input: Value) -> Found<()> {
        let (state, result) = of;
        let result = match (result, state.language) {
            (Some(result), _) => result.clone(),
            (None, Language::Paths) => self.arguments(state, &around.env(&input, self))?,
            (None, Language::Jsonata) => return self.finish(frame, state, None, input),
        };
        self.finish(frame, state, Some(result), input)
    }

    fn fail_state(&mut self, frame: FrameId, of: (&State, &Failure), around: &Around, input: &Value) {
        let (_, failure) = of;
        let env = around.env(input, self);
        let said = said(failure.error.as_ref(), &env, "Error")
            .and_then(|error| Ok(Failed { error, cause: said(failure.cause.as_ref(), &env, "Cause")? }));
        match said {
            // A Fail isn't caught where it stands.
            Ok(failed) => self.broken(frame, failed),
            Err(trouble) => self.trouble(frame, trouble),
        }
    }

    /// The machine that the frame walks through has failed.
    pub(super) fn broken(&mut self, frame: FrameId, failed: Failed) {
        self.see(|seen| (seen.failed, seen.catcher) = (Some(failed.clone()), None));
        let Some(standing) = self.run.frames.get(&frame) else { return };
        let last = standing.last;
        match standing.parent {
            None => self.end(Ending::Failed { error: failed.error, cause: failed.cause }, last),
            Some(parent) => self.child_failed(parent, frame, failed),
        }
    }
}

pub(super) const fn argument_field(language: Language) -> &'static str {
    match language {
        Language::Paths => "Parameters",
        Language::Jsonata => "Arguments",
    }
}

fn said(written: Option<&Written<String>>, env: &Env<'_>, field: &str) -> Found<Option<String>> {
    let value = match written {
        None => return Ok(None),
        Some(Written::Fixed(text)) => return Ok(Some(text.clone())),
        Some(Written::Path(path)) => env.found(path, &format!("{field}Path"))?,
        Some(Written::Call(call)) => env.called(call, &format!("{field}Path"))?,
        Some(Written::Query(query)) => query.evaluate(env, field)?,
    };
    match value {
        Value::String(text) => Ok(Some(text)),
        other => Err(Trouble::runtime(format!("The {field} field must be a string but was: {other}"))),
    }
}

impl Engine<'_> {
    /// Puts a frame to wait.
    pub(super) fn wait_for(&mut self, frame: FrameId, phase: Phase, timer: super::Timer, at: i64) {
        let turn = self.turn(frame);
        self.set_phase(frame, phase);
        self.effects.push(super::Effect::Timer { turn, at, timer });
    }
}
