//! What is said of definitions that aren't right.

use serde_json::{Value, json};
use updraft_asl::read::{self, Workflow};

fn said(definition: &Value) -> Vec<String> {
    said_of(&definition.to_string(), Workflow::Standard)
}

fn said_of(text: &str, workflow: Workflow) -> Vec<String> {
    let wrong = read::definition(text, workflow).map(|_| Vec::new()).unwrap_or_else(|wrong| wrong);
    wrong.iter().map(ToString::to_string).collect()
}

/// A machine of one state.
fn of(state: &Value) -> Value {
    json!({ "StartAt": "A", "States": { "A": state } })
}

#[test]
fn what_aws_was_seen_to_say() {
    assert_eq!(said_of("", Workflow::Standard), ["SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object"]);
    assert_eq!(said(&json!({})), ["SCHEMA_VALIDATION_FAILED: These fields are required: [States, StartAt] at /"]);
    let states = json!({ "A": { "Type": "Pass", "End": true } });
    assert_eq!(
        said(&json!({ "States": states })),
        ["SCHEMA_VALIDATION_FAILED: These fields are required: [StartAt] at /"]
    );
    let downgraded = json!({
        "QueryLanguage": "JSONata", "StartAt": "A",
        "States": { "A": { "QueryLanguage": "JSONPath", "Type": "Pass", "End": true } },
    });
    assert_eq!(
        said(&downgraded),
        [
            "SCHEMA_VALIDATION_FAILED: 'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine at /States/A"
        ]
    );
    let wait = json!({ "Type": "Wait", "Timestamp": "2016-12-05 21:29:29Z?", "End": true });
    assert_eq!(
        said(&of(&wait)),
        ["SCHEMA_VALIDATION_FAILED: String does not match RFC3339 timestamp at /States/A/Timestamp"]
    );
    let call = json!({ "Type": "Pass", "Parameters": { "parsed.$": "States.StringToJson('{\\'}" }, "End": true });
    assert_eq!(
        said(&of(&call)),
        [
            "SCHEMA_VALIDATION_FAILED: The value for the field 'parsed.$' must be a valid JSONPath or a valid intrinsic function call at /States/A/Parameters"
        ]
    );
    let query = json!({ "Type": "Task", "Resource": "arn:aws:states:::dynamodb:query", "End": true });
    assert_eq!(
        said(&of(&query)),
        [
            "SCHEMA_VALIDATION_FAILED: The resource provided arn:aws:states:::dynamodb:query is not recognized. The value is not a valid resource ARN, or the resource is not available in this region. at /States/A/Resource"
        ]
    );
    let role = json!({ "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Credentials": {}, "End": true });
    assert_eq!(
        said(&of(&role)),
        ["SCHEMA_VALIDATION_FAILED: The field 'RoleArn' is required but was missing at /States/A/Credentials"]
    );
}

#[test]
fn transitions_lead_somewhere() {
    let lost = json!({
        "StartAt": "pass1",
        "States": {
            "pass1": { "Type": "Pass", "Next": "pass3" },
            "pass2": { "Type": "Pass", "End": true },
        },
    });
    assert_eq!(
        said(&lost),
        [
            "MISSING_TRANSITION_TARGET: Missing 'Next' target: pass3 at /States/pass1/Next",
            "MISSING_TRANSITION_TARGET: State \"pass2\" is not reachable. at /States/pass2",
        ]
    );
}

#[test]
fn express_executions_cannot_be_called_back() {
    let task = |resource: &str| of(&json!({ "Type": "Task", "Resource": resource, "End": true })).to_string();
    let sync = task("arn:aws:states:::states:startExecution.sync:2");
    assert_eq!(said_of(&sync, Workflow::Standard), [""; 0]);
    assert_eq!(
        said_of(&sync, Workflow::Express),
        [
            "SCHEMA_VALIDATION_FAILED: Express state machine does not support '.sync' service integration at /States/A/Resource"
        ]
    );
    let activity = task("arn:aws:states:us-east-1:111111111111:activity:a");
    assert_eq!(
        said_of(&activity, Workflow::Express),
        ["SCHEMA_VALIDATION_FAILED: Express state machine does not support Activity ARN at /States/A/Resource"]
    );
}

#[test]
fn distributed_maps_are_of_standard_workflows_and_have_labels_of_some_characters() {
    let map = |label: &str| {
        let config = json!({ "Mode": "DISTRIBUTED" });
        let processor =
            json!({ "ProcessorConfig": config, "StartAt": "P", "States": { "P": { "Type": "Pass", "End": true } } });
        of(&json!({ "Type": "Map", "Label": label, "ItemProcessor": processor, "End": true })).to_string()
    };
    assert_eq!(said_of(&map("Label-1.x_é"), Workflow::Standard), [""; 0]);
    let express = "Express state machine does not support a Map state in DISTRIBUTED mode";
    let at = "/States/A/ItemProcessor/ProcessorConfig/Mode";
    assert_eq!(said_of(&map("L"), Workflow::Express), [format!("SCHEMA_VALIDATION_FAILED: {express} at {at}")]);
    for letter in [
        '?', '*', '<', '}', ']', '"', '#', '%', '\\', '^', '~', '`', '$', '&', ',', ';', ':', '/', ' ', '\u{7f}',
        '\u{85}',
    ] {
        let said = said_of(&map(&format!("label_{letter}")), Workflow::Standard);
        let message = format!("Label contains invalid character: '{letter}'");
        assert_eq!(said, [format!("SCHEMA_VALIDATION_FAILED: {message} at /States/A")]);
    }
}

#[test]
fn every_field_has_its_place() {
    let cases = [
        (
            json!({ "Type": "Pass", "Resource": "x", "End": true }),
            "Field 'Resource' is not supported at /States/A/Resource",
        ),
        (json!({ "Type": "Pass" }), "One of these fields is required: [Next, End] at /States/A"),
        (
            json!({ "Type": "Pass", "End": true, "InputPath": "x" }),
            "The value for the field 'InputPath' must be a valid JSONPath at /States/A/InputPath",
        ),
        (
            json!({ "Type": "Pass", "End": true, "ResultPath": "$.a[*]" }),
            "The value for the field 'ResultPath' must be a valid reference path at /States/A/ResultPath",
        ),
        (
            json!({ "Type": "Nap" }),
            "Value must be one of [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map] at /States/A/Type",
        ),
        (
            json!({ "Type": "Wait", "End": true }),
            "Exactly one of these fields is required: [Seconds, SecondsPath, Timestamp, TimestampPath] at /States/A",
        ),
        (
            json!({ "Type": "Choice", "Choices": [{ "Variable": "$.a", "NumericEquals": "1", "Next": "A" }] }),
            "Value must be a number at /States/A/Choices[0]/NumericEquals",
        ),
        (
            json!({ "Type": "Pass", "End": true, "Assign": { "states": 1 } }),
            "'states' is not a valid variable name at /States/A/Assign/states",
        ),
        (
            json!({ "Type": "Parallel", "End": true, "Branches": [], "Retry": [{ "ErrorEquals": ["States.ALL", "x"] }] }),
            "Branches must have at least one branch at /States/A/Branches",
        ),
    ];
    for (state, message) in cases {
        let said = said(&of(&state));
        assert!(said.contains(&format!("SCHEMA_VALIDATION_FAILED: {message}")), "{state}: {said:?}");
    }
}

fn codes(definition: &Value) -> Vec<(&'static str, String)> {
    let wrong = read::definition(&definition.to_string(), Workflow::Standard).err().unwrap_or_default();
    wrong.into_iter().map(|one| (one.code, one.location.unwrap_or_default())).collect()
}

#[test]
fn what_is_no_json_has_a_code_of_its_own() {
    for (text, code) in [
        ("{", "INVALID_JSON_DESCRIPTION"),
        ("{\"StartAt\": }", "INVALID_JSON_DESCRIPTION"),
        ("[]", "SCHEMA_VALIDATION_FAILED"),
        (" ", "SCHEMA_VALIDATION_FAILED"),
    ] {
        let wrong = read::definition(text, Workflow::Standard).unwrap_err();
        assert_eq!((wrong.len(), wrong[0].code, &wrong[0].location), (1, code, &None), "{text}");
    }
}

#[test]
fn a_name_is_of_one_state_of_the_whole() {
    let inner = |name: &str| json!({ "StartAt": name, "States": { name: { "Type": "Pass", "End": true } } });
    let both = |first: &str, second: &str| {
        of(&json!({
            "Type": "Parallel", "Branches": [inner(first), inner(second)], "End": true,
        }))
    };
    assert_eq!(codes(&both("B", "C")), []);
    assert_eq!(codes(&both("B", "B")), [("DUPLICATE_STATE_NAME", "/States/A/Branches[1]/States/B".to_owned())]);
    assert_eq!(codes(&both("A", "B")), [("DUPLICATE_STATE_NAME", "/States/A/Branches[0]/States/A".to_owned())]);
    let map = of(&json!({ "Type": "Map", "ItemProcessor": inner("A"), "End": true }));
    assert_eq!(codes(&map), [("DUPLICATE_STATE_NAME", "/States/A/ItemProcessor/States/A".to_owned())]);
    let twice =
        r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}, "A": {"Type": "Pass", "End": true}}}"#;
    assert_eq!(said_of(twice, Workflow::Standard), ["DUPLICATE_STATE_NAME: Duplicate State name: A at /States/A"]);
    for (letters, wrong) in [(80, vec![]), (81, vec![("INVALID_STATE_NAME", format!("/States/{}", "x".repeat(81)))])] {
        assert_eq!(codes(&inner(&"x".repeat(letters))), wrong);
    }
}

#[test]
fn labels_are_of_one_map_each() {
    let map = |label: &str, inner: &str, next: Value| {
        let processor = json!({
            "ProcessorConfig": { "Mode": "DISTRIBUTED", "ExecutionType": "STANDARD" },
            "StartAt": inner, "States": { inner: { "Type": "Pass", "End": true } },
        });
        let mut map = json!({ "Type": "Map", "Label": label, "ItemProcessor": processor });
        map.as_object_mut().unwrap().extend(next.as_object().unwrap().clone());
        map
    };
    let of = |second: &str| {
        json!({ "StartAt": "A", "States": {
        "A": map("L", "P", json!({ "Next": "B" })), "B": map(second, "Q", json!({ "End": true })),
    } })
    };
    assert_eq!(codes(&of("M")), []);
    assert_eq!(codes(&of("L")), [("DUPLICATE_LABEL_NAME", "/States/B/Label".to_owned())]);
}

#[test]
fn every_machine_may_end() {
    let round = json!({ "StartAt": "A", "States": { "A": { "Type": "Pass", "Next": "A" } } });
    assert_eq!(codes(&round), [("MISSING_END_STATE", "/".to_owned())]);
    let within = of(&json!({ "Type": "Parallel", "End": true, "Branches": [
        { "StartAt": "B", "States": { "B": { "Type": "Pass", "Next": "B" } } },
    ] }));
    assert_eq!(codes(&within), [("MISSING_END_STATE", "/States/A/Branches[0]".to_owned())]);
    for last in [json!({ "Type": "Succeed" }), json!({ "Type": "Fail" }), json!({ "Type": "Pass", "End": true })] {
        assert_eq!(codes(&json!({ "StartAt": "A", "States": { "A": last } })), []);
    }
}

/// AWS: a variable that a scope sets isn't set in one within it; scopes beside each other may have the same.
#[test]
fn variables_are_of_one_scope() {
    let set = |name: &str, next: Value| {
        let mut state = json!({ "Type": "Pass", "Assign": { name: 1 } });
        state.as_object_mut().unwrap().extend(next.as_object().unwrap().clone());
        state
    };
    let inner =
        |state: &str, name: &str| json!({ "StartAt": state, "States": { state: set(name, json!({ "End": true })) } });
    let of = |first: &str, second: &str, after: Value| {
        let mut parallel =
            json!({ "Type": "Parallel", "Branches": [inner("B", first), inner("C", second)], "End": true });
        parallel.as_object_mut().unwrap().extend(after.as_object().unwrap().clone());
        json!({ "StartAt": "A", "States": { "A": set("x", json!({ "Next": "P" })), "P": parallel } })
    };
    assert_eq!(codes(&of("y", "y", json!({}))), []);
    let wrong = |at: &str| vec![("SCHEMA_VALIDATION_FAILED", format!("/States/P/{at}"))];
    assert_eq!(codes(&of("y", "x", json!({}))), wrong("Branches[1]/States/C/Assign/x"));
    // Whatever comes first: it is there when any state of the scope sets it.
    assert_eq!(codes(&of("y", "z", json!({ "Assign": { "z": 1 } }))), wrong("Branches[1]/States/C/Assign/z"));
}

#[test]
fn numbers_have_bounds_that_depend_on_each_other() {
    let task = |fields: Value| {
        let mut task = json!({ "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sqs:sendMessage", "End": true });
        task.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        said(&of(&task))
    };
    assert_eq!(task(json!({ "TimeoutSeconds": 60, "HeartbeatSeconds": 59 })), [""; 0]);
    assert_eq!(
        task(json!({ "TimeoutSeconds": 60, "HeartbeatSeconds": 60 })),
        ["SCHEMA_VALIDATION_FAILED: HeartbeatSeconds must be smaller than TimeoutSeconds at /States/A"]
    );
    let delay = |most: u64| task(json!({ "Retry": [{ "ErrorEquals": ["States.ALL"], "MaxDelaySeconds": most }] }));
    assert_eq!((delay(31_622_399).len(), delay(31_622_400).len()), (0, 1));
}

#[test]
fn what_may_be_a_mistake_is_told_apart() {
    let found = |state: &Value| {
        let found = read::warnings(&of(state).to_string());
        found.into_iter().map(|one| (one.code, one.location.unwrap())).collect::<Vec<_>>()
    };
    let pass = json!({ "Type": "Pass", "Result": { "a": ["$.x"] }, "End": true });
    assert_eq!(found(&pass), [("PASS_RESULT_IS_STATIC", "/States/A/Result".to_owned())]);
    let parameters = json!({ "a": "$.x", "b.$": "$.x", "c": { "d": "States.UUID()" }, "e": "$5" });
    let no_dollar = |at: &str| ("NO_DOLLAR", format!("/States/A/Parameters/{at}"));
    let task = json!({ "Type": "Pass", "Parameters": parameters, "End": true });
    assert_eq!(found(&task), [no_dollar("a"), no_dollar("c/d")]);
    let fail = json!({ "Type": "Fail", "Cause": "$.cause", "ErrorPath": "$.error" });
    assert_eq!(found(&fail), [("NO_PATH", "/States/A/Cause".to_owned())]);
    let choice = json!({ "Type": "Choice", "Default": "A", "Choices": [
        { "Not": { "Variable": "$.a", "StringEquals": "$.b" }, "Next": "A" },
    ] });
    assert_eq!(found(&choice), [("NO_PATH", "/States/A/Choices[0]/Not/StringEquals".to_owned())]);
    let jsonata = json!({ "Type": "Fail", "QueryLanguage": "JSONata", "Cause": "$.cause" });
    assert_eq!(found(&jsonata), []);
}
