//! Ways through machines: times, late signals, and that the same signals give the same history.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};
use updraft_asl::definition::Definition;
use updraft_asl::read;
use updraft_asl::run::{
    Effect, Ending, Engine, Event, Facts, Failed, Frame, FrameId, Head, Phase, Run, Signal, Timer, Turn, ValueId,
};
use updraft_kernel::SeededRng;

/// As it is kept: that names may be there twice, and that there may be no end, makes no difference to its walk.
pub(super) fn definition(text: &Value) -> Definition {
    read::kept(&text.to_string()).unwrap()
}

/// An execution, and what it asked for.
pub(super) struct Walk<'a> {
    definition: &'a Definition,
    run: Run,
    pub(super) now: i64,
    pub(super) effects: Vec<Effect>,
    pub(super) names: Vec<String>,
    pub(super) events: Vec<Event>,
    frames: BTreeMap<FrameId, Frame>,
    values: BTreeMap<ValueId, Arc<Value>>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(definition: &'a Definition) -> Self {
        let (effects, names, events, frames, values) = Default::default();
        Self { definition, run: Run::default(), now: 0, effects, names, events, frames, values }
    }

    pub(super) fn take(&mut self, signal: Signal) {
        self.keep();
        let (facts, rng) = (Facts::default(), SeededRng::new(1));
        let mut engine = Engine::new(self.definition, &facts, &mut self.run, self.now, &rng);
        engine.take(signal);
        let (events, effects) = engine.outcome();
        self.names.extend(events.iter().map(|event| event.name.clone()));
        self.events.extend(events);
        self.effects.extend(effects);
    }

    /// As a process that has just started would have it: from the parts that every step so far has left.
    fn keep(&mut self) {
        let changes = self.run.changes();
        for (id, frame) in changes.frames {
            match frame {
                Some(frame) => self.frames.insert(id, frame),
                None => self.frames.remove(&id),
            };
        }
        for (id, value) in changes.values {
            match value {
                Some(value) => self.values.insert(id, value),
                None => self.values.remove(&id),
            };
        }
        let head = self.run.head();
        if head != Head::default() {
            self.run = Run::restore(&head, String::new(), self.frames.clone(), self.values.clone());
        }
    }

    /// The last one.
    pub(super) fn call(&self) -> Turn {
        let mut calls = self.effects.iter().filter_map(|effect| match effect {
            Effect::Call(call) => Some(call.turn),
            _ => None,
        });
        calls.next_back().unwrap()
    }

    pub(super) fn timer(&self, wanted: Timer) -> (Turn, i64) {
        let mut timers = self.effects.iter().filter_map(|effect| match effect {
            Effect::Timer { turn, at, timer } if *timer == wanted => Some((*turn, *at)),
            _ => None,
        });
        timers.next_back().unwrap()
    }

    pub(super) fn ending(&self) -> Option<&Ending> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::Ended(ending) => Some(ending),
            _ => None,
        })
    }
}

pub(super) fn failed(error: &str) -> Failed {
    Failed { error: Some(error.to_owned()), cause: None }
}

/// A task with those fields.
pub(super) fn task(fields: &Value) -> Definition {
    let mut state =
        json!({ "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111111111111:function:f", "End": true });
    state.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    definition(&json!({ "StartAt": "A", "States": { "A": state } }))
}

#[test]
fn tries_come_later_each_time_and_no_later_than_allowed() {
    let retry = json!([{ "ErrorEquals": ["E"], "IntervalSeconds": 2, "BackoffRate": 3, "MaxAttempts": 4, "MaxDelaySeconds": 20 }]);
    let definition = task(&json!({ "Retry": retry }));
    let mut walk = Walk::new(&definition);
    walk.take(Signal::Start("{}".to_owned()));
    for seconds in [2, 6, 18, 20] {
        walk.take(Signal::Failed(walk.call(), failed("E")));
        let (turn, at) = walk.timer(Timer::Retry);
        assert_eq!(at - walk.now, seconds * 1_000);
        walk.now = at;
        walk.take(Signal::Elapsed(turn, Timer::Retry));
    }
    walk.take(Signal::Failed(walk.call(), failed("E")));
    assert_eq!(walk.ending(), Some(&Ending::Failed { error: Some("E".to_owned()), cause: None }));
}

#[test]
fn an_answer_that_comes_too_late_is_not_heard() {
    let definition =
        task(&json!({ "TimeoutSeconds": 5, "Retry": [{ "ErrorEquals": ["States.Timeout"], "MaxAttempts": 1 }] }));
    let mut walk = Walk::new(&definition);
    walk.take(Signal::Start("{}".to_owned()));
    let first = walk.call();
    let (turn, at) = walk.timer(Timer::Timeout);
    assert_eq!(at, 5_000);
    walk.now = at;
    walk.take(Signal::Elapsed(turn, Timer::Timeout));
    let events = walk.names.len();
    walk.take(Signal::Succeeded(first, json!("late")));
    assert_eq!((walk.names.len(), walk.ending()), (events, None));
    let (turn, at) = walk.timer(Timer::Retry);
    walk.now = at;
    walk.take(Signal::Elapsed(turn, Timer::Retry));
    walk.take(Signal::Succeeded(first, json!("late")));
    walk.take(Signal::Succeeded(walk.call(), json!("in time")));
    assert_eq!(walk.ending(), Some(&Ending::Succeeded(json!("in time"))));
}

#[test]
fn a_sign_of_life_puts_the_end_off() {
    let definition = task(&json!({ "HeartbeatSeconds": 10 }));
    let mut walk = Walk::new(&definition);
    walk.take(Signal::Start("{}".to_owned()));
    walk.now = 7_000;
    walk.take(Signal::Heartbeat(walk.call()));
    let (turn, at) = walk.timer(Timer::Heartbeat);
    walk.now = at;
    walk.take(Signal::Elapsed(turn, Timer::Heartbeat));
    assert_eq!((walk.ending(), walk.timer(Timer::Heartbeat).1), (None, 17_000));
    walk.now = 17_000;
    walk.take(Signal::Elapsed(turn, Timer::Heartbeat));
    assert_eq!(walk.ending(), Some(&Ending::Failed { error: Some("States.Timeout".to_owned()), cause: None }));
}

#[test]
fn nothing_is_asked_for_anymore_when_an_execution_was_stopped() {
    let branch = json!({ "StartAt": "W", "States": { "W": { "Type": "Wait", "Seconds": 60, "End": true } } });
    let parallel = json!({ "Type": "Parallel", "End": true, "Branches": [branch, branch] });
    let definition = definition(&json!({ "StartAt": "A", "States": { "A": parallel } }));
    let mut walk = Walk::new(&definition);
    walk.take(Signal::Start("{}".to_owned()));
    assert_eq!(walk.run.standing(), 3);
    walk.take(Signal::Stop { error: None, cause: None });
    let cancelled = walk.effects.iter().filter(|effect| matches!(effect, Effect::Cancel(_))).count();
    assert_eq!((walk.run.standing(), cancelled), (3, 2), "where it stood is kept");
}

#[test]
fn many_items_are_walked_through_in_order() {
    let processor = json!({ "StartAt": "P", "States": { "P": { "Type": "Pass", "End": true } } });
    let map = json!({ "Type": "Map", "End": true, "MaxConcurrency": 7, "ItemProcessor": processor });
    let definition = definition(&json!({ "StartAt": "A", "States": { "A": map } }));
    let items: Vec<u32> = (0..3_000).collect();
    let mut walk = Walk::new(&definition);
    walk.take(Signal::Start(json!(items).to_string()));
    assert_eq!(walk.ending(), Some(&Ending::Succeeded(json!(items))));
}

/// A state of a random machine: it goes to the next one, or ends.
pub(super) fn state() -> impl Strategy<Value = Value> {
    let task = "arn:aws:lambda:us-east-1:111111111111:function:f";
    let retry = json!([{ "ErrorEquals": ["E1"], "MaxAttempts": 2 }]);
    let flat = prop_oneof![
        Just(json!({ "Type": "Pass" })),
        Just(json!({ "Type": "Pass", "Result": { "x": 1 }, "ResultPath": "$.r" })),
        Just(json!({ "Type": "Wait", "Seconds": 3 })),
        Just(json!({ "Type": "Task", "Resource": task, "ResultPath": "$.t", "Retry": retry, "TimeoutSeconds": 9 })),
        Just(json!({ "Type": "Task", "Resource": task, "ResultPath": null, "Assign": { "v.$": "$" } })),
    ];
    flat.prop_recursive(2, 12, 3, move |inner| {
        let machines = prop::collection::vec(prop::collection::vec(inner, 1..3).prop_map(machine), 1..3);
        prop_oneof![
            machines
                .clone()
                .prop_map(|branches| json!({ "Type": "Parallel", "Branches": branches, "ResultPath": "$.p" })),
            machines.prop_map(|mut machines| {
                let list = json!({ "Type": "Map", "ItemsPath": "$$.Execution.Input.list", "ResultPath": "$.m" });
                let mut map = list.as_object().unwrap().clone();
                map.insert("ItemProcessor".to_owned(), machines.remove(0));
                map.insert("ItemSelector".to_owned(), json!({ "item.$": "$$.Map.Item.Value" }));
                Value::Object(map)
            }),
        ]
    })
}

/// One after the other.
pub(super) fn machine(states: Vec<Value>) -> Value {
    let count = states.len();
    let named = states.into_iter().enumerate().map(|(n, mut state)| {
        let (field, value) = if n + 1 == count { ("End", json!(true)) } else { ("Next", json!(format!("S{}", n + 1))) };
        state.as_object_mut().unwrap().insert(field.to_owned(), value);
        (format!("S{n}"), state)
    });
    json!({ "StartAt": "S0", "States": named.collect::<serde_json::Map<_, _>>() })
}

/// Carried out by the choices, one after the other; signals may come twice.
fn carried_out(definition: &Definition, choices: &[u8], twice: bool) -> (Vec<String>, Option<Ending>) {
    let mut walk = Walk::new(definition);
    walk.take(Signal::Start(r#"{"list":[1,2,3]}"#.to_owned()));
    let (mut choices, mut steps) = (choices.iter().cycle(), 0);
    let mut open: VecDeque<Effect> = walk.effects.drain(..).collect();
    while let Some(effect) = open.pop_front() {
        let signal = match effect {
            Effect::Call(call) => match choices.next().unwrap() % 8 {
                0 => Signal::Failed(call.turn, failed("E1")),
                1 => Signal::Failed(call.turn, failed("E2")),
                _ => Signal::Succeeded(call.turn, json!({ "answer": 42 })),
            },
            Effect::Timer { turn, at, timer: timer @ (Timer::Wait | Timer::Retry) } => {
                walk.now = walk.now.max(at);
                Signal::Elapsed(turn, timer)
            }
            Effect::Ended(ending) => return (walk.names, Some(ending)),
            _ => continue,
        };
        walk.take(signal.clone());
        if twice {
            let events = walk.names.len();
            walk.take(signal);
            assert_eq!(walk.names.len(), events, "a signal is heard once");
        }
        open.extend(walk.effects.drain(..));
        steps += 1;
        assert!(steps < 5_000, "it doesn't end");
    }
    (walk.names, None)
}

proptest! {
    #[test]
    fn every_execution_ends_and_hears_each_signal_once(
        states in prop::collection::vec(state(), 1..4),
        choices in prop::collection::vec(any::<u8>(), 1..20),
    ) {
        let definition = definition(&machine(states));
        let (names, ending) = carried_out(&definition, &choices, false);
        prop_assert!(ending.is_some(), "{names:?}");
        prop_assert_eq!(carried_out(&definition, &choices, true), (names.clone(), ending));
        let entered = names.iter().filter(|name| name.ends_with("StateEntered")).count();
        let left = names.iter().filter(|name| name.ends_with("StateExited")).count();
        prop_assert!(left <= entered);
    }
}

#[test]
fn a_frame_says_what_it_waits_for() {
    let definition =
        definition(&json!({ "StartAt": "W", "States": { "W": { "Type": "Wait", "Seconds": 60, "End": true } } }));
    let mut walk = Walk::new(&definition);
    walk.take(Signal::Start("1".to_owned()));
    let phases: Vec<Phase> = walk.run.frames().map(|(_, frame)| frame.phase.clone()).collect();
    assert_eq!(phases, [Phase::Waiting]);
}
