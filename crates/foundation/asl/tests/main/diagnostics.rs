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
