//! Executions that go on after their end.

use std::collections::VecDeque;

use proptest::prelude::*;
use serde_json::{Value, json};
use updraft_asl::run::{Effect, Ending, Failed, Signal, Timer};

use super::walked::{Walk, definition, failed, machine, state};

/// Carries out what is asked for until the execution ends: `answer` says how the n-th call does.
fn carry_out(walk: &mut Walk<'_>, mut answer: impl FnMut(usize, &Value) -> Result<Value, Failed>) -> Ending {
    let (mut open, mut calls) = (walk.effects.drain(..).collect::<VecDeque<_>>(), 0);
    loop {
        assert!(!open.is_empty(), "it doesn't end: {:?}", walk.names);
        let signal = match open.pop_front().unwrap() {
            Effect::Call(call) => {
                calls += 1;
                match answer(calls, &call.arguments) {
                    Ok(output) => Signal::Succeeded(call.turn, output),
                    Err(failed) => Signal::Failed(call.turn, failed),
                }
            }
            Effect::Timer { turn, at, timer: timer @ (Timer::Wait | Timer::Retry) } => {
                walk.now = walk.now.max(at);
                Signal::Elapsed(turn, timer)
            }
            Effect::Ended(ending) => return ending,
            _ => continue,
        };
        walk.take(signal);
        open.extend(walk.effects.drain(..));
    }
}

fn count(walk: &Walk<'_>, end: &str) -> usize {
    walk.names.iter().filter(|name| name.ends_with(end)).count()
}

const FUNCTION: &str = "arn:aws:lambda:us-east-1:111111111111:function:f";

#[test]
fn only_what_failed_or_was_ended_runs_again() {
    let task = json!({ "Type": "Task", "Resource": FUNCTION, "End": true });
    let each = json!({ "StartAt": "Call", "States": { "Call": task } });
    let map = json!({ "Type": "Map", "ItemsPath": "$.list", "ItemProcessor": each, "MaxConcurrency": 2, "End": true });
    let first = json!({ "Type": "Task", "Resource": FUNCTION, "ResultPath": null, "Next": "Each" });
    let definition = definition(&json!({ "StartAt": "First", "States": { "First": first, "Each": map } }));
    let mut walk = Walk::new(&definition);
    walk.take(Signal::Start(json!({ "list": [1, 2, 3, 4, 5] }).to_string()));
    let ending = carry_out(&mut walk, |_, item| if *item == json!(3) { Err(failed("E")) } else { Ok(item.clone()) });
    assert_eq!(ending, Ending::Failed { error: Some("E".to_owned()), cause: None });
    let mut called = Vec::new();
    walk.take(Signal::Redrive);
    let ending = carry_out(&mut walk, |_, item| {
        called.push(item.clone());
        Ok(item.clone())
    });
    assert_eq!(ending, Ending::Succeeded(json!([1, 2, 3, 4, 5])));
    // The fourth one was under way when the third one failed.
    assert_eq!(called, [json!(3), json!(4), json!(5)]);
    assert_eq!((count(&walk, "StateEntered"), count(&walk, "StateExited")), (7, 7));
}

#[test]
fn a_wait_waits_again_and_a_fail_fails_again() {
    let wait = json!({ "Type": "Wait", "Seconds": 60, "Next": "F" });
    let fail = json!({ "Type": "Fail", "Error": "E" });
    let definition = definition(&json!({ "StartAt": "W", "States": { "W": wait, "F": fail } }));
    let mut walk = Walk::new(&definition);
    walk.take(Signal::Start("{}".to_owned()));
    walk.take(Signal::Stop { error: None, cause: None });
    walk.effects.clear();
    walk.take(Signal::Redrive);
    let failed = carry_out(&mut walk, |_, _| Ok(Value::Null));
    assert_eq!((failed, walk.now), (Ending::Failed { error: Some("E".to_owned()), cause: None }, 60_000));
    walk.take(Signal::Redrive);
    assert_eq!(
        walk.names,
        [
            "ExecutionStarted",
            "WaitStateEntered",
            "ExecutionAborted",
            "ExecutionRedriven",
            "WaitStateExited",
            "FailStateEntered",
            "ExecutionFailed",
            "ExecutionRedriven",
            "ExecutionFailed",
        ]
    );
}

#[test]
fn what_failed_of_itself_is_done_anew() {
    let branch = json!({ "StartAt": "P", "States": { "P": { "Type": "Pass", "End": true } } });
    let selector = json!({ "x.$": "$.nothing" });
    let state = json!({ "Type": "Parallel", "Branches": [branch, branch], "ResultSelector": selector, "End": true });
    let definition = definition(&json!({ "StartAt": "A", "States": { "A": state } }));
    let mut walk = Walk::new(&definition);
    walk.take(Signal::Start("{}".to_owned()));
    walk.take(Signal::Redrive);
    assert_eq!((count(&walk, "ParallelStateStarted"), count(&walk, "ExecutionFailed")), (2, 2), "{:?}", walk.names);
}

proptest! {
    /// States are entered once and left once, however often the execution fails in between.
    #[test]
    fn whatever_fails_comes_to_a_good_end_when_it_is_redriven(
        states in prop::collection::vec(state(), 1..4),
        choices in prop::collection::vec(any::<u8>(), 1..20),
    ) {
        let definition = definition(&machine(states));
        let mut walk = Walk::new(&definition);
        walk.take(Signal::Start(r#"{"list":[1,2,3]}"#.to_owned()));
        let mut choices = choices.iter().cycle();
        let answer = json!({ "answer": 42 });
        let mut redrives = 0;
        loop {
            let ending = carry_out(&mut walk, |_, _| match *choices.next().unwrap() % 8 {
                0 if redrives < 3 => Err(failed("E1")),
                1 if redrives < 3 => Err(failed("E2")),
                _ => Ok(answer.clone()),
            });
            if matches!(ending, Ending::Succeeded(_)) {
                break;
            }
            redrives += 1;
            prop_assert!(redrives < 5, "{:?}", walk.names);
            walk.take(Signal::Redrive);
        }
        prop_assert_eq!(count(&walk, "StateEntered"), count(&walk, "StateExited"), "{:?}", walk.names);
    }
}
