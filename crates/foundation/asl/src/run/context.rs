//! What fields are evaluated against: the context object, variables, `$states`.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::engine::Engine;
use super::frame::FrameId;
use super::items::item_of;
use super::{Fits, Trouble};
use crate::lang::Env;

/// What the context object tells of an execution and its state machine.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// ARN.
    pub execution: String,
    pub name: String,
    pub role: String,
    /// ISO 8601.
    pub started: String,
    /// ARN.
    pub machine: String,
    pub machine_name: String,
    pub redrives: u32,
    /// When that was last; ISO 8601.
    pub redriven: Option<String>,
    /// Of an Express workflow: its history has no limit.
    pub express: bool,
    /// Somebody waits for its end.
    pub synchronous: bool,
    pub region: String,
    /// Activities that the definition names and that aren't there.
    pub missing_activities: std::collections::BTreeSet<String>,
    pub fits: Fits,
}

/// A frame's surroundings at one moment.
#[derive(Debug)]
pub(super) struct Around {
    pub(super) context: Value,
    pub(super) variables: Map<String, Value>,
}

impl Around {
    /// With `input` at `$`.
    pub(super) fn env<'e>(&'e self, input: &'e Value, engine: &'e Engine<'_>) -> Env<'e> {
        let (context, variables) = (&self.context, &self.variables);
        Env { input, context, variables, result: None, error: None, chance: engine.chance, now: engine.now }
    }
}

impl Engine<'_> {
    pub(super) fn around(&self, frame: FrameId) -> Around {
        Around { context: self.context(frame), variables: self.variables(frame) }
    }

    /// The token of a task is in its context object, unless that is given from outside.
    pub(super) fn hand_over(&self, token: Option<&str>, around: &mut Around) {
        let given = self.inspector.is_some_and(|inspector| inspector.context.is_some());
        if let (Some(token), Some(context), false) = (token, around.context.as_object_mut(), given) {
            context.insert("Task".to_owned(), json!({ "Token": token }));
        }
    }

    /// What the frame's state was entered with.
    pub(super) fn raw(&self, frame: FrameId) -> Arc<Value> {
        self.run.frames.get(&frame).map(|standing| self.run.values.get(standing.input)).unwrap_or_default()
    }

    /// The context object, `$$`, as this frame's state sees it.
    fn context(&self, frame: FrameId) -> Value {
        if let Some(given) = self.inspector.and_then(|inspector| inspector.context.as_ref()) {
            return given.clone();
        }
        let facts = self.facts;
        let input = self.run.input.filter(|_| self.definition.reads_input);
        let input = input.map(|input| (*self.run.values.get(input)).clone());
        let mut execution = json!({
            "Id": facts.execution, "Input": input, "StartTime": facts.started,
            "Name": facts.name, "RoleArn": facts.role, "RedriveCount": facts.redrives,
        });
        if let (Some(at), Some(execution)) = (&facts.redriven, execution.as_object_mut()) {
            execution.insert("RedriveTime".to_owned(), json!(at));
        }
        if facts.synchronous
            && let Some(execution) = execution.as_object_mut()
        {
            // AWS: what can't be redriven doesn't say how often it was, but for Express executions that nobody waits for.
            execution.remove("RedriveCount");
        }
        if facts.execution.is_empty() {
            execution = json!({ "Input": input });
        }
        let mut context = json!({
            "Execution": execution,
            "StateMachine": { "Id": facts.machine, "Name": facts.machine_name },
        });
        let Some(object) = context.as_object_mut() else { return context };
        if let Some(standing) = self.run.frames.get(&frame) {
            let entered = timestamp(standing.entered_at);
            let state = json!({ "Name": standing.state, "EnteredTime": entered, "RetryCount": standing.retries });
            object.insert("State".to_owned(), state);
        }
        object.extend(self.item(frame).map(|item| ("Map".to_owned(), json!({ "Item": item }))));
        context
    }

    /// The nearest iteration that the frame is in.
    fn item(&self, frame: FrameId) -> Option<Value> {
        let frame = self.run.frames.get(&frame)?;
        let parent = self.run.frames.get(&frame.parent?)?;
        match &parent.phase {
            super::Phase::Items(items) => {
                let list = self.run.values.get(items.list);
                Some(item_of(frame.index, list.get(frame.index as usize)?))
            }
            _ => self.item(frame.parent?),
        }
    }

    /// Those of the frame before those around it.
    pub(super) fn variables(&self, frame: FrameId) -> Map<String, Value> {
        let mut seen = Map::new();
        let mut at = Some(frame);
        while let Some(frame) = at.and_then(|id| self.run.frames.get(&id)) {
            for (name, value) in &frame.variables {
                if !seen.contains_key(&**name) {
                    seen.insert(name.to_string(), (*self.run.values.get(*value)).clone());
                }
            }
            at = frame.parent;
        }
        seen
    }
}

/// ISO 8601 in milliseconds.
pub fn timestamp(millis: i64) -> String {
    jiff::Timestamp::from_millisecond(millis).map_or_else(|_| String::new(), |at| format!("{at:.3}"))
}

pub(super) type Found<T> = Result<T, Trouble>;
