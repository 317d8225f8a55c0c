//! How much there may be of everything.

use serde_json::{Value, json};
use updraft_asl::definition::Definition;
use updraft_asl::run::{Effect, Ending, Signal, Timer};

use super::walked::{Walk, definition, failed, task};

fn is_too_long(walk: &Walk<'_>) -> bool {
    let cause = "The execution reached the maximum number of history events (25000).".to_owned();
    let error = Some("States.Runtime".to_owned());
    let last = walk.names.last().map(String::as_str);
    walk.names.len() == 25_000
        && last == Some("ExecutionFailed")
        && walk.ending() == Some(&Ending::Failed { error, cause: Some(cause) })
}

#[test]
fn a_history_has_no_more_events_than_it_may() {
    let pass = |next: &str| json!({ "Type": "Pass", "Next": next });
    let definition = definition(&json!({ "StartAt": "A", "States": { "A": pass("B"), "B": pass("A") } }));
    let mut walk = Walk::new(&definition);
    walk.take(Signal::Start("{}".to_owned()));
    assert_eq!((walk.names.len(), walk.names.last().map(String::as_str)), (25_000, Some("ExecutionFailed")));
    let cause = "The execution reached the maximum number of history events (25000).".to_owned();
    let error = Some("States.Runtime".to_owned());
    assert_eq!(walk.ending(), Some(&Ending::Failed { error, cause: Some(cause) }));
}

#[test]
fn nothing_is_called_with_too_much_nor_takes_too_much_for_an_answer() {
    let definition = task(&json!({}));
    let text = |bytes: usize| json!("x".repeat(bytes - 2));
    let error = |walk: &Walk<'_>| match walk.ending() {
        Some(Ending::Failed { error, .. }) => error.clone(),
        _ => None,
    };
    let too_large = Some("States.DataLimitExceeded".to_owned());
    for (bytes, wrong) in [(262_144, None), (262_145, too_large.clone())] {
        let mut walk = Walk::new(&definition);
        walk.take(Signal::Start(text(bytes).to_string()));
        assert_eq!(error(&walk), wrong, "called with {bytes} bytes");
        let mut walk = Walk::new(&definition);
        walk.take(Signal::Start("{}".to_owned()));
        walk.take(Signal::Succeeded(walk.call(), text(bytes)));
        assert_eq!(error(&walk), wrong, "answered {bytes} bytes");
    }
}

/// Each of them puts out the input's text so many times.
#[test]
fn no_state_puts_out_too_much() {
    let twice = json!({ "Type": "Pass", "Parameters": { "a.$": "$", "b.$": "$" }, "End": true });
    let whole = json!({ "StartAt": "W", "States": { "W": { "Type": "Pass", "End": true } } });
    let parallel = json!({ "Type": "Parallel", "Branches": [whole, whole], "End": true });
    let mut caught = parallel.clone();
    caught["Catch"] = json!([{ "ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "C" }]);
    let names = |error: &str| error.split('\'').nth(1).map(str::to_owned);
    for (state, wrong) in [(&twice, Some("A")), (&parallel, Some("A")), (&caught, None)] {
        let mut states = json!({ "A": state });
        if wrong.is_none() {
            states["C"] = json!({ "Type": "Succeed" });
        }
        let definition = definition(&json!({ "StartAt": "A", "States": states }));
        let mut walk = Walk::new(&definition);
        walk.take(Signal::Start(json!({ "x": "x".repeat(150_000) }).to_string()));
        match walk.ending() {
            Some(Ending::Failed { error, cause }) => {
                assert_eq!(error.as_deref(), Some("States.DataLimitExceeded"));
                assert_eq!(names(cause.as_deref().unwrap()).as_deref(), wrong, "{cause:?}");
                assert_eq!(walk.names.last().map(String::as_str), Some("ExecutionFailed"));
            }
            ending => assert!(wrong.is_none() && matches!(ending, Some(Ending::Succeeded(_))), "{wrong:?}"),
        }
        let mut walk = Walk::new(&definition);
        walk.take(Signal::Start(json!({ "x": "x".repeat(100_000) }).to_string()));
        assert!(matches!(walk.ending(), Some(Ending::Succeeded(_))));
    }
}

/// What is caught is put out with the rest of the input: where that is too much there is nothing more to be done.
#[test]
fn what_is_caught_is_not_caught_again() {
    let catch = json!([{ "ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "C" }]);
    let whole =
        json!({ "StartAt": "W", "States": { "W": { "Type": "Fail", "Error": "E", "Cause": "x".repeat(1_000) } } });
    let parallel = json!({ "Type": "Parallel", "Branches": [whole], "Catch": catch, "End": true });
    let definition = definition(&json!({ "StartAt": "A", "States": { "A": parallel, "C": { "Type": "Succeed" } } }));
    let mut walk = Walk::new(&definition);
    walk.take(Signal::Start(json!({ "x": "x".repeat(262_000) }).to_string()));
    let Some(Ending::Failed { error, .. }) = walk.ending() else { panic!("it went on") };
    assert_eq!(error.as_deref(), Some("States.DataLimitExceeded"));
}

/// Nothing is entered anew where a state is tried again.
#[test]
fn a_state_that_is_tried_forever_fills_its_history() {
    let definition = task(&json!({ "Retry": [{ "ErrorEquals": ["E"], "BackoffRate": 1, "MaxAttempts": 99_999_999 }] }));
    let mut walk = Walk::new(&definition);
    walk.take(Signal::Start("{}".to_owned()));
    while walk.ending().is_none() && walk.names.len() < 26_000 {
        walk.take(Signal::Failed(walk.call(), failed("E")));
        if walk.ending().is_none() {
            let (turn, at) = walk.timer(Timer::Retry);
            walk.now = at;
            walk.take(Signal::Elapsed(turn, Timer::Retry));
        }
    }
    assert!(is_too_long(&walk), "{} events: {:?}", walk.names.len(), walk.ending());
}

/// Six events for the whole, two for a state before, four for each item.
fn items(last: &Value) -> Definition {
    let each = json!({ "StartAt": "P", "States": { "P": last } });
    let map = json!({ "Type": "Map", "ItemsPath": "$", "ItemProcessor": each, "End": true });
    definition(&json!({ "StartAt": "A", "States": { "A": { "Type": "Pass", "Next": "M" }, "M": map } }))
}

#[test]
fn a_history_may_be_full_to_the_last_event() {
    let definition = items(&json!({ "Type": "Pass", "End": true }));
    for (many, goes_well) in [(6_248, true), (6_249, false)] {
        let mut walk = Walk::new(&definition);
        walk.take(Signal::Start(json!(vec![1; many]).to_string()));
        assert_eq!(walk.names.len(), 25_000, "{many} items");
        assert_eq!(matches!(walk.ending(), Some(Ending::Succeeded(_))), goes_well, "{many} items");
        assert_eq!(is_too_long(&walk), !goes_well, "{many} items");
    }
}

/// Forty of them are under way when there is no more room, and what one of them is answered leads to several events.
#[test]
fn nothing_is_called_for_which_there_is_no_room() {
    let resource = "arn:aws:lambda:us-east-1:111111111111:function:f";
    let definition = items(&json!({ "Type": "Task", "Resource": resource, "End": true }));
    let mut walk = Walk::new(&definition);
    walk.take(Signal::Start(json!(vec![1; 5_000]).to_string()));
    let (mut next, mut open) = (0, Vec::new());
    while walk.ending().is_none() {
        open.extend(walk.effects[next..].iter().filter_map(|effect| match effect {
            Effect::Call(call) => Some(call.turn),
            _ => None,
        }));
        next = walk.effects.len();
        let turn = open.remove(0);
        walk.take(Signal::Started(turn));
        walk.take(Signal::Succeeded(turn, json!(1)));
    }
    assert!(is_too_long(&walk), "{} events: {:?}", walk.names.len(), walk.ending());
    let begun = walk.effects[next..].iter().filter(|effect| matches!(effect, Effect::Call(_) | Effect::Timer { .. }));
    assert_eq!(begun.count(), 0);
}

/// A state after the other sets a variable of so many bytes.
fn assigned(sizes: &[usize], names: impl Fn(usize) -> String) -> Option<Ending> {
    let mut states = json!({});
    for (n, bytes) in sizes.iter().enumerate() {
        let value = "x".repeat(bytes - 2);
        let (name, next) = (format!("S{n}"), format!("S{}", n + 1));
        states[name] = json!({ "Type": "Pass", "Assign": { names(n): value }, "Next": next });
    }
    states[format!("S{}", sizes.len())] = json!({ "Type": "Succeed" });
    let definition = definition(&json!({ "StartAt": "S0", "States": states }));
    let mut walk = Walk::new(&definition);
    walk.take(Signal::Start("{}".to_owned()));
    walk.ending().cloned()
}

/// AWS: 256 KiB in one, and 10 MiB in all of an execution.
#[test]
fn variables_hold_no_more_than_they_may() {
    const MOST: usize = 262_144;
    let fails = |ending: Option<Ending>| match ending {
        Some(Ending::Succeeded(_)) => false,
        Some(Ending::Failed { error, .. }) => error.as_deref() == Some("States.DataLimitExceeded"),
        other => panic!("{other:?}"),
    };
    let one = |_: usize| "v".to_owned();
    assert!(!fails(assigned(&[MOST], one)) && fails(assigned(&[MOST + 1], one)));
    let all = |n: usize| format!("v{n}");
    assert!(!fails(assigned(&[MOST; 40], all)) && fails(assigned(&[&[MOST; 40][..], &[3]].concat(), all)));
    assert!(!fails(assigned(&[MOST; 41], one)), "what is set again takes the place of what was");
}
