//! Random definitions, in both languages, whose executions come to the same however fast anything is.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// In which a state's fields are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Language {
    Paths,
    Jsonata,
}

const RESOURCE: &str = "arn:aws:states:::sqs:sendMessage";

fn with(mut state: Value, more: Value) -> Value {
    state.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    state
}

/// Calls with where it stands and how often it was tried, on which alone depends what it is answered.
fn task(language: Language, more: Value) -> Value {
    let fields = match language {
        Language::Paths => json!({
            "Parameters": { "QueueUrl": "q", "MessageBody": { "state.$": "$$.State.Name", "n.$": "$$.State.RetryCount" } },
            "ResultPath": "$.task",
        }),
        Language::Jsonata => json!({
            "QueryLanguage": "JSONata",
            "Arguments": { "QueueUrl": "q", "MessageBody": "{% {'state': $states.context.State.Name, 'n': $states.context.State.RetryCount} %}" },
            "Output": "{% $merge([$states.input, {'task': $states.result}]) %}",
        }),
    };
    with(with(json!({ "Type": "Task", "Resource": RESOURCE, "TimeoutSeconds": 50 }), fields), more)
}

/// Comes to a good end, so that it doesn't matter which of several was faster.
pub(crate) fn tried_again(language: Language) -> Value {
    let retry = json!([{ "ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "BackoffRate": 2, "MaxAttempts": 9 }]);
    task(language, json!({ "Retry": retry }))
}

/// May fail.
pub(crate) fn risky(language: Language) -> Value {
    task(language, json!({ "Risky": true }))
}

/// One after the other; what may fail is caught, but for the last one.
pub(crate) fn machine(states: Vec<Value>) -> Value {
    let count = states.len();
    let named = states.into_iter().enumerate().map(|(n, mut state)| {
        let next = format!("S{}", n + 1);
        let last = n + 1 == count;
        let of_jsonata = state["QueryLanguage"] == "JSONata";
        let fields = state.as_object_mut().unwrap();
        if fields.remove("Risky").is_some() && !last {
            let (field, value) = match of_jsonata {
                true => ("Output", json!("{% $merge([$states.input, {'caught': $states.errorOutput}]) %}")),
                false => ("ResultPath", json!("$.caught")),
            };
            fields.insert("Catch".to_owned(), json!([{ "ErrorEquals": ["States.ALL"], field: value, "Next": next }]));
        }
        let (field, value) = if last { ("End", json!(true)) } else { ("Next", json!(next)) };
        fields.insert(field.to_owned(), value);
        within(fields, &format!("S{n}"));
        (format!("S{n}"), state)
    });
    json!({ "StartAt": "S0", "States": named.collect::<Map<_, _>>() })
}

/// States within have names of their own, and so have variables: theirs behind that of the state they are in.
fn within(state: &mut Map<String, Value>, name: &str) {
    if let Some(branches) = state.get_mut("Branches").and_then(Value::as_array_mut) {
        branches.iter_mut().enumerate().for_each(|(n, branch)| rename(branch, &format!("{name}.{n}.")));
    }
    if let Some(processor) = state.get_mut("ItemProcessor") {
        rename(processor, &format!("{name}."));
    }
}

fn rename(machine: &mut Value, before: &str) {
    let longer = |name: &Value| json!(format!("{before}{}", name.as_str().unwrap()));
    machine["StartAt"] = longer(&machine["StartAt"]);
    let states = std::mem::take(machine["States"].as_object_mut().unwrap());
    for (name, mut state) in states {
        let fields = state.as_object_mut().unwrap();
        let caught = fields.get_mut("Catch").and_then(Value::as_array_mut).into_iter().flatten();
        caught.for_each(|catcher| catcher["Next"] = longer(&catcher["Next"]));
        if let Some(set) = fields.get_mut("Assign") {
            let set = std::mem::replace(set, json!({}));
            let named = set.as_object().unwrap().iter();
            let named = named.map(|(name, value)| (format!("{}{name}", before.replace('.', "_")), value.clone()));
            fields.insert("Assign".to_owned(), named.collect::<Map<_, _>>().into());
        }
        if let Some(next) = fields.get_mut("Next") {
            *next = longer(next);
        }
        for inner in fields.get_mut("Branches").and_then(Value::as_array_mut).into_iter().flatten() {
            rename(inner, before);
        }
        if let Some(inner) = fields.get_mut("ItemProcessor") {
            rename(inner, before);
        }
        machine["States"].as_object_mut().unwrap().insert(format!("{before}{name}"), state);
    }
}

fn wait(seconds: u64) -> Value {
    json!({ "Type": "Wait", "Seconds": seconds })
}

fn flat() -> impl Strategy<Value = Value> + Clone {
    let jsonata = |state: Value| with(json!({ "QueryLanguage": "JSONata" }), state);
    let merged = "{% $merge([$states.input, {'sum': $sum($states.context.Execution.Input.list)}]) %}";
    prop_oneof![
        Just(json!({ "Type": "Pass", "Result": { "x": 1 }, "ResultPath": "$.pass" })),
        Just(wait(2)),
        Just(tried_again(Language::Paths)),
        Just(json!({ "Type": "Pass", "Assign": { "v.$": "$" } })),
        Just(jsonata(json!({ "Type": "Pass", "Output": merged }))),
        Just(jsonata(json!({ "Type": "Wait", "Seconds": "{% 1 + $count($states.context.Execution.Input.list) %}" }))),
        Just(tried_again(Language::Jsonata)),
        Just(jsonata(json!({ "Type": "Pass", "Assign": { "w": "{% $states.input %}" } }))),
    ]
}

pub(crate) fn parallel(branches: Vec<Value>) -> Value {
    json!({ "Type": "Parallel", "Branches": branches, "ResultPath": "$.parallel" })
}

pub(crate) fn each(processor: Value) -> Value {
    json!({
        "Type": "Map", "ItemsPath": "$$.Execution.Input.list", "ResultPath": "$.map", "MaxConcurrency": 2,
        "ItemSelector": { "item.$": "$$.Map.Item.Value" }, "ItemProcessor": processor,
    })
}

/// Branches that may fail, each so many seconds after the one before; that as a whole is tried twice. No branch goes on at
/// the moment at which another one fails: who is faster then is anybody's guess.
pub(crate) fn beside(apart: u64, many: u64, language: Language) -> Value {
    // By how often it waits before, what may fail has another name.
    let waits = |n: u64| std::iter::once(wait(apart + n)).chain((1..n).map(|_| wait(apart)));
    let branches = (1..=many).map(|n| machine(waits(n).chain([risky(language)]).collect()));
    let retry = json!([{ "ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 1 }]);
    with(parallel(branches.collect()), json!({ "Risky": true, "Retry": retry }))
}

/// Items that may fail, one after the other; all of them have begun before.
pub(crate) fn of_items(language: Language) -> Value {
    let (wait, called) = match language {
        Language::Paths => (
            json!({ "Type": "Wait", "SecondsPath": "$.item" }),
            json!({ "Parameters": { "QueueUrl": "q", "MessageBody.$": "$" } }),
        ),
        Language::Jsonata => (
            json!({ "QueryLanguage": "JSONata", "Type": "Wait", "Seconds": "{% $states.input.item %}" }),
            json!({ "Arguments": { "QueueUrl": "q", "MessageBody": "{% $states.input %}" } }),
        ),
    };
    let processor = machine(vec![wait, with(risky(language), called)]);
    let more = json!({ "ItemsPath": "$$.Execution.Input.waits", "MaxConcurrency": 3, "Risky": true });
    with(each(processor), more)
}

pub(crate) fn state() -> impl Strategy<Value = Value> {
    let inner = prop::collection::vec(flat(), 1..3).prop_map(machine);
    let branches = prop::collection::vec(inner.clone(), 2..4);
    prop_oneof![
        4 => flat(),
        1 => Just(risky(Language::Paths)),
        1 => Just(risky(Language::Jsonata)),
        1 => branches.prop_map(parallel),
        1 => inner.prop_map(each),
    ]
}
