//! An execution gone through again: what was called answers as it did then, and waits are over when they were.

use serde_json::{Value, json};
use updraft_asl::definition::{Definition, Place};
use updraft_asl::run::{Effect, Engine, Event, Facts, Failed, Phase, Run, Signal, Timer, Turn};
use updraft_kernel::SeededRng;

use super::compare;

struct Replay<'a> {
    definition: &'a Definition,
    facts: Facts,
    run: Run,
    now: i64,
    events: Vec<Event>,
    timers: Vec<(Turn, Timer, i64)>,
}

/// The history that it gives, as recordings show them.
pub(super) fn replay(definition: &Definition, recorded: &[Value]) -> Vec<Value> {
    let started = &recorded[0]["executionStartedEventDetails"];
    let input = compare::text(&started["input"]);
    let role = compare::text(&started["roleArn"]);
    let told = Value::from(recorded).to_string();
    let gone = definition.activities.iter().filter(|arn| told.contains(&format!("The activity {arn} does not exist.")));
    let facts = Facts {
        role,
        region: "<region>".to_owned(),
        machine_name: "machine-name".to_owned(),
        machine: "arn:aws:states:<region>:111111111111:stateMachine:machine-name".to_owned(),
        missing_activities: gone.cloned().collect(),
        ..Facts::default()
    };
    let (run, now) = (Run::default(), 1_700_000_000_000);
    let mut replay = Replay { definition, facts, run, now, events: Vec::new(), timers: Vec::new() };
    replay.take(Signal::Start(input));
    while let Some(next) = recorded.get(replay.events.len()) {
        let before = replay.events.len();
        if let Some(signal) = replay.signal(next, recorded) {
            replay.take(signal);
        }
        if replay.events.len() == before {
            break;
        }
    }
    let mut shown: Vec<Value> = replay.events.iter().map(shown).collect();
    as_it_was(recorded, &mut shown);
    shown
}

impl Replay<'_> {
    fn take(&mut self, signal: Signal) {
        let rng = SeededRng::new(1);
        let mut engine = Engine::new(self.definition, &self.facts, &mut self.run, self.now, &rng);
        engine.take(signal);
        let (events, effects) = engine.outcome();
        self.events.extend(events);
        for effect in effects {
            if let Effect::Timer { turn, at, timer } = effect {
                self.timers.push((turn, timer, at));
            }
        }
    }

    /// The signal that brings the recorded event.
    fn signal(&mut self, event: &Value, recorded: &[Value]) -> Option<Signal> {
        let name = event["type"].as_str()?;
        if name == "ExecutionAborted" {
            return Some(Signal::Stop { error: None, cause: None });
        }
        let previous = event["previousEventId"].as_u64()?;
        let waits = |phase: &Phase| {
            matches!(phase, Phase::Waiting | Phase::Retrying | Phase::Calling(_) | Phase::Run(_) | Phase::Redriven(_))
        };
        let (frame, at) = self.run.frames().find(|(_, frame)| waits(&frame.phase) && frame.last == previous)?;
        let turn = Turn { frame, number: at.turn };
        if name.starts_with("MapRun") {
            let details = &event["mapRunFailedEventDetails"];
            let failed = || Failed { error: text(details, "error"), cause: text(details, "cause") };
            let state = at.state.to_string();
            let came = if name == "MapRunFailed" { Err(failed()) } else { Ok(self.output(&state, event, recorded)?) };
            return Some(Signal::MapEnded(turn, came));
        }
        if name.starts_with("Task") || name.starts_with("LambdaFunction") || name.starts_with("Activity") {
            called(turn, name, event).or_else(|| self.elapsed(turn, name))
        } else {
            self.elapsed(turn, name)
        }
    }

    /// What the map put out, as the state's end shows it; where that is put into the input, it is what is there.
    fn output(&self, state: &str, event: &Value, recorded: &[Value]) -> Option<Value> {
        let later = recorded.iter().filter(|other| other["id"].as_u64() > event["id"].as_u64());
        let exited = later.filter_map(|event| event.get("stateExitedEventDetails")).find(|of| of["name"] == state)?;
        let output = compare::text(&exited["output"]);
        let output: Value = serde_json::from_str(&output).ok()?;
        match &self.definition.machine.states.get(state)?.data.result {
            Place::Within(_) => output.get("Values").cloned(),
            _ => Some(output),
        }
    }

    /// The timer that was waited for.
    fn elapsed(&mut self, turn: Turn, name: &str) -> Option<Signal> {
        let wanted =
            if name.ends_with("TimedOut") { [Timer::Timeout, Timer::Heartbeat] } else { [Timer::Wait, Timer::Retry] };
        let at = self.timers.iter().position(|(of, timer, _)| *of == turn && wanted.contains(timer))?;
        let (turn, timer, at) = self.timers.remove(at);
        self.now = self.now.max(at);
        Some(Signal::Elapsed(turn, timer))
    }
}

/// What the one that was called said.
fn called(turn: Turn, name: &str, event: &Value) -> Option<Signal> {
    let details = event.as_object()?.iter().find(|(member, _)| member.ends_with("EventDetails"));
    let text = |member: &str| details.and_then(|(_, details)| details.get(member)).map(compare::text);
    let output = || text("output").map(|text| serde_json::from_str(&text).unwrap_or(Value::String(text)));
    match name {
        "ActivityStarted" => Some(Signal::Taken(turn, text("workerName"))),
        "TaskStarted" | "LambdaFunctionStarted" => Some(Signal::Started(turn)),
        "TaskSubmitted" => Some(Signal::Submitted(turn, output()?)),
        "TaskSucceeded" | "LambdaFunctionSucceeded" | "ActivitySucceeded" => Some(Signal::Succeeded(turn, output()?)),
        "TaskFailed" | "LambdaFunctionFailed" | "ActivityFailed" => {
            Some(Signal::Failed(turn, Failed { error: text("error"), cause: text("cause") }))
        }
        _ => None,
    }
}

fn text(details: &Value, member: &str) -> Option<String> {
    details.get(member).map(compare::text)
}

/// AWS: what leaves a distributed map follows the run's beginning in newer recordings, and its end in older ones.
fn as_it_was(recorded: &[Value], shown: &mut [Value]) {
    for (theirs, ours) in recorded.iter().zip(shown) {
        let previous =
            theirs["previousEventId"].as_u64().and_then(|id| recorded.get(usize::try_from(id).ok()?.checked_sub(1)?));
        let older = previous.is_some_and(|previous| previous["type"] == "MapRunSucceeded");
        if older && theirs["type"] == "MapStateExited" && ours["type"] == "MapStateExited" {
            ours["previousEventId"] = theirs["previousEventId"].clone();
        }
    }
}

fn shown(event: &Event) -> Value {
    let mut shown =
        json!({ "id": event.id, "previousEventId": event.previous, "timestamp": "timestamp", "type": event.name });
    if let Some(details) = &event.details {
        shown.as_object_mut().unwrap().insert(event.member(), compare::opened(details));
    }
    shown
}
