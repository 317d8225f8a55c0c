//! One state tried alone: what its fields make of what goes in and what comes out, and how it ends. Nothing is entered
//! behind it.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::context::{Around, Found};
use super::engine::Engine;
use super::frame::{Calling, FrameId, Phase};
use super::{Failed, items, leave};
use crate::definition::{self, Kind, Language, Mode, Name, State};

/// How a state is tried.
#[derive(Debug, Default)]
pub struct Inspector {
    /// What it does isn't done: [`Engine::mocked`] says what came of it.
    pub mocked: bool,
    /// How often each retrier has tried already.
    pub tried: u32,
    /// In the context object's place.
    pub context: Option<Value>,
    pub variables: Map<String, Value>,
    /// What an `ItemReader` would read.
    pub items: Option<Value>,
    /// What was seen.
    pub seen: RefCell<Inspection>,
}

/// What was seen of a state.
#[derive(Debug, Default)]
pub struct Inspection {
    /// By the names of `inspectionData`.
    pub data: BTreeMap<&'static str, Value>,
    pub output: Option<Value>,
    /// Where it goes on.
    pub next: Option<Name>,
    pub failed: Option<Failed>,
    /// Which catcher took it.
    pub catcher: Option<usize>,
    /// Which retrier tries again, and in how many milliseconds.
    pub retrier: Option<(usize, i64)>,
    /// How many items a `Map` has.
    pub items: usize,
}

impl<'a> Engine<'a> {
    /// From now on, what happens is seen.
    #[must_use]
    pub fn inspected(self, inspector: &'a Inspector) -> Self {
        Self { inspector: Some(inspector), ..self }
    }

    /// What came of the state whose work isn't done.
    pub fn mocked(&mut self, came: Result<Value, Failed>) {
        let waiting = self.run.frames().find(|(_, frame)| matches!(frame.phase, Phase::Calling(_)));
        let Some((frame, state)) = waiting.and_then(|(id, _)| Some((id, self.state(id)?))) else { return };
        match came {
            Ok(result) => self.done(frame, state, Some(result)),
            Err(failed) => self.fail(frame, failed, matches!(state.kind, Kind::Task(_))),
        }
    }
}

impl Engine<'_> {
    pub(super) fn see(&self, look: impl FnOnce(&mut Inspection)) {
        if let Some(inspector) = self.inspector {
            look(&mut inspector.seen.borrow_mut());
        }
    }

    pub(super) fn note(&self, what: &'static str, value: &Value) {
        self.see(|seen| {
            seen.data.insert(what, value.clone());
        });
    }

    /// AWS: what a Pass gives out as it is written, and branches, are shown without what goes in.
    pub(super) fn note_input(&self, state: &State, input: &Value) {
        let shown = !matches!(state.kind, Kind::Pass(Some(_)) | Kind::Parallel(_));
        if shown && state.language == Language::Paths {
            self.note("afterInputPath", input);
        }
    }

    pub(super) fn note_arguments(&self, state: &State, arguments: &Value) {
        match (state.language, &state.kind) {
            (Language::Paths, Kind::Task(_) | Kind::Pass(None)) => self.note("afterParameters", arguments),
            (Language::Jsonata, Kind::Task(_)) if state.data.arguments.is_some() => {
                self.note("afterArguments", arguments);
            }
            _ => {}
        }
    }

    pub(super) fn note_result(&self, state: &State, result: &Value) {
        if matches!(state.kind, Kind::Task(_) | Kind::Pass(Some(_))) {
            self.note("result", result);
        }
    }

    /// Everything but the work itself.
    pub(super) fn without_work(
        &mut self,
        (frame, state): (FrameId, &State),
        around: &Around,
        input: &Value,
    ) -> Found<()> {
        match &state.kind {
            Kind::Map(map) => self.look_at_map((frame, state), map, around, input)?,
            _ => drop(self.arguments(state, &around.env(input, self))?),
        }
        self.set_phase(frame, Phase::Calling(Calling::default()));
        Ok(())
    }

    fn look_at_map(
        &self,
        (frame, state): (FrameId, &State),
        map: &definition::Map,
        around: &Around,
        input: &Value,
    ) -> Found<()> {
        let env = around.env(input, self);
        let given = self.inspector.and_then(|inspector| inspector.items.clone());
        let items = match (given, &map.items) {
            (Some(given), _) => given,
            (None, definition::Items::Read(_)) => Value::Array(Vec::new()),
            (None, _) => Value::Array(items::items(map, &env)?),
        };
        let count = items.as_array().map_or(0, Vec::len);
        self.see(|seen| seen.items = count);
        if state.language == Language::Paths && !matches!(map.items, definition::Items::Read(_)) {
            self.note("afterItemsPath", &items);
        }
        if map.selector.is_some() {
            let selected = (0..u32::try_from(count).unwrap_or(u32::MAX)).map(|n| self.selected(frame, &items, n));
            self.note("afterItemSelector", &Value::Array(selected.collect::<Found<Vec<_>>>()?));
        }
        self.note("maxConcurrency", &items::whole(&map.concurrency.0, &env, "MaxConcurrency")?.into());
        let Mode::Distributed(distributed) = &map.mode else { return Ok(()) };
        if let Some(count) = &distributed.tolerance.count {
            self.note("toleratedFailureCount", &items::whole(count, &env, "ToleratedFailureCount")?.into());
        }
        if let Some(percentage) = &distributed.tolerance.percentage {
            let percentage = items::number(percentage, &env, "ToleratedFailurePercentage")?;
            self.note("toleratedFailurePercentage", &percentage.into());
        }
        Ok(())
    }

    /// What the state ends with.
    pub(super) fn note_leaving(&self, frame: FrameId, leaving: &leave::Leaving) {
        let Some(inspector) = self.inspector else { return };
        let mut variables = self.variables(frame);
        variables.extend(leaving.assigned.iter().map(|(name, value)| (name.to_string(), value.clone())));
        let mut seen = inspector.seen.borrow_mut();
        if !variables.is_empty() {
            seen.data.insert("variables", Value::Object(variables));
        }
        seen.output = Some(leaving.output.clone());
        if let definition::After::Next(next) = &leaving.after {
            seen.next = Some(next.clone());
        }
    }

    pub(super) fn given_variables(&mut self, frame: FrameId) {
        let Some(inspector) = self.inspector else { return };
        for (name, value) in &inspector.variables {
            let value = self.run.values.add(value.clone());
            if let Some(standing) = self.run.edit(frame) {
                standing.variables.insert(name.as_str().into(), value);
            }
        }
    }
}
