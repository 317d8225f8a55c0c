//! Waits and the time that tasks have, in all their forms.

use serde_json::{Value, json};
use updraft_asl::run::{Ending, Signal, Timer};

use super::walked::{Walk, definition};

const FUNCTION: &str = "arn:aws:lambda:us-east-1:111111111111:function:f";

fn one(language: &str, mut state: Value) -> Value {
    state["End"] = json!(true);
    json!({ "QueryLanguage": language, "StartAt": "A", "States": { "A": state } })
}

/// For how long it waits, or why it doesn't.
fn waits(language: &str, mut state: Value, input: &Value) -> Result<i64, String> {
    state["Type"] = json!("Wait");
    let definition = definition(&one(language, state));
    let mut walk = Walk::new(&definition);
    walk.now = 1_000_000;
    walk.take(Signal::Start(input.to_string()));
    if let Some(Ending::Failed { error, cause }) = walk.ending() {
        return Err(format!("{}: {}", error.as_deref().unwrap_or_default(), cause.as_deref().unwrap_or_default()));
    }
    let (turn, at) = walk.timer(Timer::Wait);
    walk.now = at.max(walk.now);
    walk.take(Signal::Elapsed(turn, Timer::Wait));
    assert_eq!(walk.ending(), Some(&Ending::Succeeded(input.clone())));
    Ok(at - 1_000_000)
}

#[test]
fn a_wait_has_four_forms_and_two_of_jsonata() {
    // 1,000,000 milliseconds are 1970-01-01T00:16:40Z.
    let input = json!({ "seconds": 7, "at": "1970-01-01T01:16:45.250+01:00" });
    let cases = [
        ("JSONPath", json!({ "Seconds": 5 }), 5_000),
        ("JSONPath", json!({ "Seconds": 0 }), 0),
        ("JSONPath", json!({ "SecondsPath": "$.seconds" }), 7_000),
        ("JSONPath", json!({ "Timestamp": "1970-01-01T00:16:41Z" }), 1_000),
        ("JSONPath", json!({ "TimestampPath": "$.at" }), 5_250),
        ("JSONPath", json!({ "Timestamp": "1970-01-01T00:00:00Z" }), -1_000_000),
        ("JSONata", json!({ "Seconds": 5 }), 5_000),
        ("JSONata", json!({ "Seconds": "{% $states.input.seconds * 2 %}" }), 14_000),
        ("JSONata", json!({ "Timestamp": "1970-01-01T00:16:41Z" }), 1_000),
        ("JSONata", json!({ "Timestamp": "{% $states.input.at %}" }), 5_250),
    ];
    for (language, state, wanted) in cases {
        assert_eq!(waits(language, state.clone(), &input), Ok(wanted), "{state}");
    }
}

#[test]
fn what_is_no_time_to_wait_fails() {
    let input = json!({ "less": -1, "text": "5", "part": 1.5, "long": 100_000_000, "day": "2030-03-01" });
    let cases = [
        (
            "JSONPath",
            json!({ "SecondsPath": "$.none" }),
            "The SecondsPath parameter does not reference an input value: $.none",
        ),
        (
            "JSONPath",
            json!({ "SecondsPath": "$.less" }),
            "The SecondsPath parameter cannot be parsed as a long value: $.less == -1",
        ),
        (
            "JSONPath",
            json!({ "SecondsPath": "$.text" }),
            "The SecondsPath parameter cannot be parsed as a long value: $.text == \"5\"",
        ),
        (
            "JSONPath",
            json!({ "SecondsPath": "$.part" }),
            "The SecondsPath parameter cannot be parsed as a long value: $.part == 1.5",
        ),
        ("JSONPath", json!({ "SecondsPath": "$.long" }), "Wait state delay is too long."),
        (
            "JSONPath",
            json!({ "TimestampPath": "$.none" }),
            "The TimestampPath parameter does not reference an input value: $.none",
        ),
        (
            "JSONPath",
            json!({ "TimestampPath": "$.day" }),
            "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: $.day == 2030-03-01",
        ),
        ("JSONata", json!({ "Seconds": "{% $states.input.long %}" }), "Wait state delay is too long."),
        (
            "JSONata",
            json!({ "Timestamp": "{% $states.input.day %}" }),
            "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: 2030-03-01",
        ),
    ];
    for (language, state, cause) in cases {
        let said = waits(language, state.clone(), &input).unwrap_err();
        assert!(said.ends_with(cause), "{state}: {said}");
    }
    for seconds in ["less", "text", "part"] {
        let said =
            waits("JSONata", json!({ "Seconds": format!("{{% $states.input.{seconds} %}}") }), &input).unwrap_err();
        assert!(said.starts_with("States.QueryEvaluationError: "), "{seconds}: {said}");
    }
}

/// How many seconds a task has, and between signs of life.
fn given(language: &str, mut state: Value, input: &Value) -> Result<(Option<i64>, Option<i64>), String> {
    (state["Type"], state["Resource"]) = (json!("Task"), json!(FUNCTION));
    let definition = definition(&one(language, state));
    let mut walk = Walk::new(&definition);
    walk.take(Signal::Start(input.to_string()));
    if let Some(Ending::Failed { error, .. }) = walk.ending() {
        return Err(error.clone().unwrap_or_default());
    }
    let scheduled = walk.events.iter().find(|event| event.name == "LambdaFunctionScheduled").unwrap();
    let details = scheduled.details.as_ref().unwrap();
    let set = |wanted: Timer| {
        walk.effects.iter().find_map(|effect| match effect {
            updraft_asl::run::Effect::Timer { at, timer, .. } if *timer == wanted => Some(at / 1_000),
            _ => None,
        })
    };
    let told = (set(Timer::Timeout), set(Timer::Heartbeat));
    assert_eq!((details["timeoutInSeconds"].as_i64(), details["heartbeatInSeconds"].as_i64()), told);
    Ok(told)
}

#[test]
fn the_time_of_a_task_is_written_pointed_at_or_computed() {
    let input = json!({ "time": 9, "beat": 3, "text": "9" });
    let cases = [
        ("JSONPath", json!({}), (None, None)),
        ("JSONPath", json!({ "TimeoutSeconds": 8, "HeartbeatSeconds": 2 }), (Some(8), Some(2))),
        ("JSONPath", json!({ "TimeoutSecondsPath": "$.time", "HeartbeatSecondsPath": "$.beat" }), (Some(9), Some(3))),
        ("JSONPath", json!({ "HeartbeatSecondsPath": "$.beat" }), (None, Some(3))),
        ("JSONata", json!({ "TimeoutSeconds": 8, "HeartbeatSeconds": 2 }), (Some(8), Some(2))),
        (
            "JSONata",
            json!({ "TimeoutSeconds": "{% $states.input.time * 2 %}", "HeartbeatSeconds": "{% $states.input.beat %}" }),
            (Some(18), Some(3)),
        ),
    ];
    for (language, state, wanted) in cases {
        assert_eq!(given(language, state.clone(), &input), Ok(wanted), "{state}");
    }
    for (language, state, error) in [
        ("JSONPath", json!({ "TimeoutSecondsPath": "$.none" }), "States.Runtime"),
        ("JSONPath", json!({ "HeartbeatSecondsPath": "$.text" }), "States.Runtime"),
        ("JSONata", json!({ "TimeoutSeconds": "{% $states.input.text %}" }), "States.QueryEvaluationError"),
    ] {
        assert_eq!(given(language, state.clone(), &input), Err(error.to_owned()), "{state}");
    }
}
