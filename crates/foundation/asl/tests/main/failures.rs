//! Failing, trying again, catching, and what ends with what fails.

use serde_json::{Value, json};
use updraft_asl::run::{Effect, Ending, Engine, Facts, Failed, Run, Signal, Timer, Turn};
use updraft_kernel::SeededRng;

use super::walked::{Walk, definition, failed, task};

fn ended(walk: &Walk<'_>) -> (Option<String>, Option<String>) {
    match walk.ending() {
        Some(Ending::Failed { error, cause }) => (error.clone(), cause.clone()),
        other => panic!("{other:?}: {:?}", walk.names),
    }
}

/// What a catcher names, what the task has besides, what happens to it, and whether it is caught.
type Case<'a> = (&'a str, &'a Value, &'a dyn Fn(&mut Walk<'_>), bool);

#[test]
fn a_fail_says_what_is_written_pointed_at_or_computed() {
    let input = json!({ "e": "Lost", "c": "it is gone", "n": 1 });
    let cases = [
        ("JSONPath", json!({}), (None, None)),
        ("JSONPath", json!({ "Error": "E", "Cause": "C" }), (Some("E"), Some("C"))),
        ("JSONPath", json!({ "ErrorPath": "$.e", "CausePath": "$.c" }), (Some("Lost"), Some("it is gone"))),
        ("JSONPath", json!({ "Error": "E", "CausePath": "$$.State.Name" }), (Some("E"), Some("F"))),
        (
            "JSONPath",
            json!({ "ErrorPath": "States.Format('{}-{}', $.e, $.n)", "CausePath": "States.JsonToString($.n)" }),
            (Some("Lost-1"), Some("1")),
        ),
        ("JSONata", json!({ "Error": "{% $states.input.e %}", "Cause": "plain" }), (Some("Lost"), Some("plain"))),
        ("JSONata", json!({ "Error": "E", "Cause": "{% 'n is ' & $states.input.n %}" }), (Some("E"), Some("n is 1"))),
    ];
    for (language, mut state, (error, cause)) in cases {
        state["Type"] = json!("Fail");
        let definition = definition(&json!({ "QueryLanguage": language, "StartAt": "F", "States": { "F": state } }));
        let mut walk = Walk::new(&definition);
        walk.take(Signal::Start(input.to_string()));
        assert_eq!(ended(&walk), (error.map(str::to_owned), cause.map(str::to_owned)), "{state}");
    }
    for state in [json!({ "Type": "Fail", "ErrorPath": "$.n" }), json!({ "Type": "Fail", "CausePath": "$.none" })] {
        let definition = definition(&json!({ "StartAt": "F", "States": { "F": state } }));
        let mut walk = Walk::new(&definition);
        walk.take(Signal::Start(input.to_string()));
        assert_eq!(ended(&walk).0.as_deref(), Some("States.Runtime"), "{state}");
    }
}

/// Fails with these errors, one after the other; answers the seconds before each retry.
fn tried(retry: &Value, errors: &[&str]) -> Vec<i64> {
    let definition = task(&json!({ "Retry": retry }));
    let mut walk = Walk::new(&definition);
    walk.take(Signal::Start("{}".to_owned()));
    let mut delays = Vec::new();
    for error in errors {
        walk.take(Signal::Failed(walk.call(), failed(error)));
        if walk.ending().is_some() {
            break;
        }
        let (turn, at) = walk.timer(Timer::Retry);
        delays.push((at - walk.now) / 1_000);
        walk.now = at;
        walk.take(Signal::Elapsed(turn, Timer::Retry));
    }
    delays
}

#[test]
fn each_retrier_counts_for_itself() {
    let retry = json!([
        { "ErrorEquals": ["A", "B"], "IntervalSeconds": 10, "BackoffRate": 2, "MaxAttempts": 2 },
        { "ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "BackoffRate": 3, "MaxAttempts": 3 },
    ]);
    assert_eq!(tried(&retry, &["A", "C", "B", "C", "C", "C"]), [10, 1, 20, 3, 9]);
    // The first one that takes an error in is the one that has it: it isn't handed on when that is used up.
    assert_eq!(tried(&retry, &["A", "A", "A"]), [10, 20]);
    // Where nothing is said: a second, doubled, three times.
    assert_eq!(tried(&json!([{ "ErrorEquals": ["A"] }]), &["A"; 5]), [1, 2, 4]);
    assert_eq!(tried(&json!([{ "ErrorEquals": ["A"], "MaxAttempts": 0 }]), &["A"]), [0; 0]);
}

#[test]
fn full_jitter_waits_anything_up_to_the_whole_and_never_more() {
    let definition = task(&json!({ "Retry": [{
        "ErrorEquals": ["E"], "IntervalSeconds": 10, "BackoffRate": 2, "MaxDelaySeconds": 15, "MaxAttempts": 2,
        "JitterStrategy": "FULL",
    }] }));
    let mut seen = Vec::new();
    for seed in 0..200 {
        let (mut run, facts, rng) = (Run::default(), Facts::default(), SeededRng::new(seed));
        let mut take = |signal: Signal| {
            let mut engine = Engine::new(&definition, &facts, &mut run, 0, &rng);
            engine.take(signal);
            engine.outcome().1
        };
        let calls = |effects: &[Effect]| -> Option<Turn> {
            effects.iter().find_map(|effect| match effect {
                Effect::Call(call) => Some(call.turn),
                _ => None,
            })
        };
        let retry = |effects: Vec<Effect>| {
            effects.into_iter().find_map(|effect| match effect {
                Effect::Timer { turn, at, timer: Timer::Retry } => Some((turn, at)),
                _ => None,
            })
        };
        let first = calls(&take(Signal::Start("{}".to_owned()))).unwrap();
        let (turn, at) = retry(take(Signal::Failed(first, failed("E")))).unwrap();
        assert!((0..=10_000).contains(&at), "{at}");
        let second = calls(&take(Signal::Elapsed(turn, Timer::Retry))).unwrap();
        let (_, later) = retry(take(Signal::Failed(second, failed("E")))).unwrap();
        assert!((0..=15_000).contains(&later), "{later}: no more than the longest delay");
        seen.push((at, later));
    }
    assert!(seen.iter().any(|(at, _)| *at < 2_000) && seen.iter().any(|(at, _)| *at > 8_000), "{seen:?}");
    assert!(seen.iter().any(|(_, later)| *later > 12_000), "the rate counts: {seen:?}");
}

/// Whether a catcher of that name takes the error in.
fn caught(name: &str, fields: &Value, fails: impl Fn(&mut Walk<'_>)) -> bool {
    let mut state = json!({
        "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111111111111:function:f", "End": true,
        "Catch": [{ "ErrorEquals": [name], "Next": "C" }],
    });
    state.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let definition = definition(&json!({ "StartAt": "A", "States": { "A": state, "C": { "Type": "Succeed" } } }));
    let mut walk = Walk::new(&definition);
    walk.take(Signal::Start("{}".to_owned()));
    fails(&mut walk);
    matches!(walk.ending(), Some(Ending::Succeeded(_)))
}

#[test]
fn names_take_in_what_aws_takes_in_by_them() {
    let answers =
        |error: &'static str| move |walk: &mut Walk<'_>| walk.take(Signal::Failed(walk.call(), failed(error)));
    let late = |walk: &mut Walk<'_>| {
        let (turn, at) = walk.timer(Timer::Timeout);
        walk.now = at;
        walk.take(Signal::Elapsed(turn, Timer::Timeout));
    };
    let large = |walk: &mut Walk<'_>| walk.take(Signal::Succeeded(walk.call(), json!("x".repeat(300_000))));
    let none = json!({});
    let time = json!({ "TimeoutSeconds": 5 });
    let lost = json!({ "Parameters": { "x.$": "$.none" } });
    let wrong = json!({ "Parameters": { "x.$": "States.StringToJson('{')" } });
    let misplaced = json!({ "ResultPath": "$.a[0].b", "Parameters": {} });
    let cases: [Case<'_>; 18] = [
        ("E", &none, &answers("E"), true),
        ("E", &none, &answers("E2"), false),
        ("States.ALL", &none, &answers("E"), true),
        ("States.TaskFailed", &none, &answers("E"), true),
        ("States.TaskFailed", &none, &answers("Lambda.Unknown"), true),
        ("States.TaskFailed", &time, &late, false),
        ("States.Timeout", &time, &late, true),
        ("States.Timeout", &none, &answers("States.HeartbeatTimeout"), true),
        ("States.HeartbeatTimeout", &none, &answers("States.HeartbeatTimeout"), true),
        ("States.HeartbeatTimeout", &time, &late, false),
        ("States.DataLimitExceeded", &none, &large, true),
        ("States.ALL", &none, &large, true),
        ("States.Permissions", &none, &answers("States.Permissions"), true),
        ("States.Runtime", &lost, &|_| {}, true),
        ("States.ALL", &lost, &|_| {}, false),
        ("States.IntrinsicFailure", &wrong, &|_| {}, true),
        ("States.ALL", &wrong, &|_| {}, true),
        (
            "States.ResultPathMatchFailure",
            &misplaced,
            &|walk: &mut Walk<'_>| walk.take(Signal::Succeeded(walk.call(), json!(1))),
            true,
        ),
    ];
    for (name, fields, fails, wanted) in cases {
        assert_eq!(caught(name, fields, fails), wanted, "{name}: {fields}");
    }
}

/// Names of the events behind the first one of that name, with what they follow.
fn behind(walk: &Walk<'_>, first: &str) -> Vec<(String, u64)> {
    let at = walk.events.iter().position(|event| event.name == first).unwrap();
    walk.events[at..].iter().map(|event| (event.name.clone(), event.previous)).collect()
}

#[test]
fn what_stands_beside_what_fails_is_told_to_be_given_up() {
    let one = |state: Value| json!({ "StartAt": "X", "States": { "X": state } });
    let wait = one(json!({ "Type": "Wait", "Seconds": 60, "End": true }));
    let inner = one(json!({ "Type": "Parallel", "Branches": [wait], "End": true }));
    let map = one(json!({ "Type": "Map", "ItemsPath": "$.list", "ItemProcessor": wait, "End": true }));
    let fails = json!({ "StartAt": "W", "States": {
        "W": { "Type": "Wait", "Seconds": 1, "Next": "F" }, "F": { "Type": "Fail", "Error": "E" },
    } });
    let branches = json!({ "Type": "Parallel", "Branches": [fails, wait, inner, map], "End": true });
    let definition = definition(&json!({ "StartAt": "P", "States": { "P": branches } }));
    let mut walk = Walk::new(&definition);
    walk.take(Signal::Start(json!({ "list": [1] }).to_string()));
    let first = walk.effects.iter().find_map(|effect| match effect {
        Effect::Timer { turn, at: 1_000, .. } => Some(*turn),
        _ => None,
    });
    walk.now = 1_000;
    walk.take(Signal::Elapsed(first.unwrap(), Timer::Wait));
    let entered = walk.events.iter().find(|event| event.name == "FailStateEntered").unwrap().id;
    let names = [
        "FailStateEntered",
        "WaitStateAborted",
        "WaitStateAborted",
        "ParallelStateAborted",
        "WaitStateAborted",
        "MapStateAborted",
        "ParallelStateFailed",
        "ExecutionFailed",
    ];
    let told = behind(&walk, "FailStateEntered");
    assert_eq!(told.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), names);
    assert!(told[1..7].iter().all(|(_, previous)| *previous == entered), "{told:?}");
}

/// What failed by itself was told to have failed; what wasn't entered was never begun.
#[test]
fn what_failed_or_never_began_is_not_told_to_be_given_up() {
    let one = |state: Value| json!({ "StartAt": "X", "States": { "X": state } });
    let fails = one(json!({ "Type": "Fail", "Error": "E" }));
    let inner = one(json!({ "Type": "Parallel", "Branches": [fails], "End": true }));
    let task = one(json!({ "Type": "Wait", "Seconds": 9, "End": true }));
    let branches = json!({ "Type": "Parallel", "Branches": [inner, task], "End": true });
    let definition = definition(&json!({ "StartAt": "P", "States": { "P": branches } }));
    let mut walk = Walk::new(&definition);
    walk.take(Signal::Start("{}".to_owned()));
    let told = behind(&walk, "FailStateEntered");
    let waits = walk.names.iter().any(|name| name == "WaitStateEntered");
    let given_up = told.iter().filter(|(name, _)| name == "WaitStateAborted").count();
    assert_eq!(given_up, usize::from(waits));
    assert!(!told.iter().any(|(name, _)| name == "ParallelStateAborted"), "{told:?}");
    assert_eq!(told.iter().filter(|(name, _)| name == "ParallelStateFailed").count(), 2);
}

fn distributed() -> Value {
    let child = json!({ "ProcessorConfig": { "Mode": "DISTRIBUTED" }, "StartAt": "P", "States": { "P": { "Type": "Succeed" } } });
    json!({ "Type": "Map", "ItemProcessor": child, "End": true })
}

#[test]
fn runs_of_distributed_maps_end_with_their_execution_and_with_what_fails_beside_them() {
    let definition = definition(&json!({ "StartAt": "M", "States": { "M": distributed() } }));
    for (signal, last) in
        [(Signal::Stop { error: None, cause: None }, "ExecutionAborted"), (Signal::Overdue, "ExecutionTimedOut")]
    {
        let mut walk = Walk::new(&definition);
        walk.take(Signal::Start("[1]".to_owned()));
        walk.take(signal);
        assert_eq!(behind(&walk, "MapRunStarted")[1..], [("MapRunAborted".to_owned(), 4), (last.to_owned(), 0)]);
        walk.take(Signal::Redrive);
        assert_eq!(walk.names.last().map(String::as_str), Some("MapRunRedriven"));
    }
}

#[test]
fn a_run_beside_what_fails_is_given_up() {
    let map = json!({ "StartAt": "M", "States": { "M": distributed() } });
    let fails = json!({ "StartAt": "W", "States": {
        "W": { "Type": "Wait", "Seconds": 1, "Next": "F" }, "F": { "Type": "Fail", "Error": "E" },
    } });
    let branches = json!({ "Type": "Parallel", "Branches": [map, fails], "End": true });
    let definition = definition(&json!({ "StartAt": "P", "States": { "P": branches } }));
    let mut walk = Walk::new(&definition);
    walk.take(Signal::Start("[1]".to_owned()));
    let (turn, at) = walk.timer(Timer::Wait);
    walk.now = at;
    walk.take(Signal::Elapsed(turn, Timer::Wait));
    let names: Vec<String> = behind(&walk, "FailStateEntered").into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        ["FailStateEntered", "MapRunAborted", "MapStateAborted", "ParallelStateFailed", "ExecutionFailed"]
    );
    assert!(walk.effects.iter().any(|effect| matches!(effect, Effect::StopRun(_))));
}

/// A task that ends later isn't submitted where its call fails; others just fail.
#[test]
fn what_is_not_taken_is_told_by_how_the_task_would_have_ended() {
    let refused = Failed { error: Some("SQS.QueueDoesNotExistException".to_owned()), cause: Some("gone".to_owned()) };
    for (pattern, wanted) in [(".waitForTaskToken", "TaskSubmitFailed"), ("", "TaskFailed")] {
        let resource = format!("arn:aws:states:::sqs:sendMessage{pattern}");
        let mut state = json!({ "Type": "Task", "Resource": resource, "End": true });
        state["Parameters"] = json!({ "QueueUrl": "q", "MessageBody": "m" });
        state["Catch"] = json!([{ "ErrorEquals": ["States.TaskFailed"], "Next": "C" }]);
        let definition =
            definition(&json!({ "StartAt": "A", "States": { "A": state, "C": { "Type": "Pass", "End": true } } }));
        let mut walk = Walk::new(&definition);
        walk.take(Signal::Start("{}".to_owned()));
        walk.take(Signal::Started(walk.call()));
        walk.take(Signal::Refused(walk.call(), refused.clone()));
        let event = walk.events.iter().find(|event| event.name == wanted).unwrap();
        let details = event.details.as_ref().unwrap();
        assert_eq!(details["resource"], format!("sendMessage{pattern}"));
        assert_eq!((&details["error"], &details["cause"]), (&json!("SQS.QueueDoesNotExistException"), &json!("gone")));
        assert_eq!(walk.names.last().map(String::as_str), Some("ExecutionSucceeded"), "it is caught");
    }
}

/// AWS: the state fails before anything is scheduled, and nothing catches it but who names it.
#[test]
fn what_an_integration_does_not_take_is_told_before_it_is_called() {
    let cause = |arguments: &Value, resource: &str| {
        let state = json!({ "Type": "Task", "Resource": resource, "Parameters": arguments, "End": true });
        let definition = definition(&json!({ "StartAt": "A", "States": { "A": state } }));
        let mut walk = Walk::new(&definition);
        walk.take(Signal::Start("{}".to_owned()));
        let Some(Ending::Failed { error, cause }) = walk.ending() else { return String::new() };
        assert_eq!(error.as_deref(), Some("States.Runtime"));
        assert_eq!(walk.names, ["ExecutionStarted", "TaskStateEntered", "ExecutionFailed"]);
        cause.clone().unwrap()
    };
    let told = cause(&json!({ "QueueUrl": "q", "Body": "b" }), "arn:aws:states:::sqs:sendMessage");
    assert_eq!(
        told,
        "An error occurred while executing the state 'A' (entered at the event id #2). The Parameters '{\"QueueUrl\":\"q\",\"Body\":\"b\"}' could not be used to start the Task: [The field \"Body\" is not supported by Step Functions, The field 'MessageBody' is required but was missing]"
    );
    let token = json!({ "FunctionName": "f", "TaskToken": "t" });
    let told = cause(&token, "arn:aws:states:::lambda:invoke.waitForTaskToken");
    assert!(told.ends_with("[The field \"TaskToken\" is not supported by Step Functions]"), "{told}");
    assert_eq!(cause(&json!({ "QueueUrl": "q", "MessageBody": 1 }), "arn:aws:states:::sqs:sendMessage"), "");
    assert_eq!(cause(&json!({ "Anything": 1 }), "arn:aws:states:::aws-sdk:sqs:sendMessage"), "");
}
