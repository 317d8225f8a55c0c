//! Express state machines: started and left alone, and waited for.

use std::time::Duration;

use serde_json::{Value, json};

use crate::named::{Cloud, gives, only};

fn express() -> Value {
    json!({"type": "EXPRESS"})
}

/// Everything that executions leave: themselves, their places, values and events, by start.
const LEFT: [u8; 5] = [3, 4, 5, 6, 7];

fn calls(function: &str) -> Value {
    json!({"Type": "Task", "Resource": format!("arn:aws:lambda:us-east-1:000000000000:function:{function}"), "End": true})
}

async fn sync(cloud: &Cloud, machine: &str, input: Value) -> Value {
    cloud.ok("StartSyncExecution", json!({"stateMachineArn": machine, "input": input.to_string()})).await
}

#[tokio::test]
async fn who_waits_gets_the_answer_and_nothing_is_kept() {
    let cloud = Cloud::new().await;
    let machine = cloud.machine("m", &gives(&json!({"x": 1})), express()).await;
    let input = json!({"stateMachineArn": machine, "name": "n", "traceHeader": "Root=1-2-3"});
    let said = cloud.ok("StartSyncExecution", input).await;
    let arn = said["executionArn"].as_str().unwrap();
    assert!(arn.starts_with("arn:aws:states:us-east-1:000000000000:express:m:n:"), "{arn}");
    let expected = json!({
        "executionArn": arn, "stateMachineArn": machine, "name": "n", "status": "SUCCEEDED", "output": "{\"x\":1}",
        "input": "{}", "inputDetails": {"included": true}, "outputDetails": {"included": true},
        "startDate": said["startDate"], "stopDate": said["stopDate"], "traceHeader": "Root=1-2-3",
        "billingDetails": {"billedDurationInMilliseconds": 100, "billedMemoryUsedInMB": 64},
    });
    assert_eq!(said, expected);
    let without = json!({"stateMachineArn": machine, "includedData": "METADATA_ONLY"});
    let said = cloud.ok("StartSyncExecution", without).await;
    assert_eq!((said.get("output"), said.get("input")), (None, None));
    assert_eq!(said["outputDetails"], json!({"included": false}));
    assert_eq!(cloud.rows_of(&LEFT).await, 0);
}

#[tokio::test]
async fn what_fails_says_why() {
    let cloud = Cloud::new().await;
    let fails = only(&json!({"Type": "Fail", "Error": "E", "Cause": "because"}));
    let machine = cloud.machine("m", &fails, express()).await;
    let said = sync(&cloud, &machine, json!({})).await;
    assert_eq!((&said["status"], &said["error"], &said["cause"]), (&json!("FAILED"), &json!("E"), &json!("because")));
    assert_eq!(said.get("output"), None);
}

#[tokio::test]
async fn tasks_branches_and_items_are_carried_out_in_memory() {
    let cloud = Cloud::new().await;
    cloud.outside.functions.lock().insert("f".into(), json!({"n": 2}));
    let each = |name: &str| json!({"StartAt": name, "States": {name: calls("f")}});
    let definition = json!({"StartAt": "P", "States": {
        "P": {"Type": "Parallel", "Next": "M", "ResultPath": "$.both", "Branches": [each("F1"), each("F2")]},
        "M": {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": each("F3"), "ResultPath": "$.each", "End": true},
    }});
    let machine = cloud.machine("m", &definition, express()).await;
    let said = sync(&cloud, &machine, json!({"items": [1, 2, 3]})).await;
    let output: Value = serde_json::from_str(said["output"].as_str().unwrap()).unwrap();
    let n = json!({"n": 2});
    assert_eq!(output, json!({"items": [1, 2, 3], "both": [n, n], "each": [n, n, n]}));
    assert_eq!(cloud.rows_of(&LEFT).await, 0);
}

#[tokio::test]
async fn failures_are_caught_and_dont_end_the_request() {
    let cloud = Cloud::new().await;
    cloud.outside.functions.lock().insert("f".into(), json!({"errorType": "Boom", "errorMessage": "no"}));
    let mut task = calls("f");
    task["Catch"] = json!([{"ErrorEquals": ["Boom"], "Next": "B", "ResultPath": "$.why"}]);
    let definition =
        json!({"StartAt": "A", "States": {"A": task, "B": {"Type": "Pass", "OutputPath": "$.why.Error", "End": true}}});
    let machine = cloud.machine("m", &definition, express()).await;
    assert_eq!(sync(&cloud, &machine, json!({})).await["output"], "\"Boom\"");
}

#[tokio::test]
async fn waits_happen_in_their_time_and_five_minutes_are_the_most() {
    let cloud = Cloud::new().await;
    let waits = |seconds: u64| {
        json!({"StartAt": "W", "States": {
            "W": {"Type": "Wait", "Seconds": seconds, "Next": "A"},
            "A": {"Type": "Pass", "Parameters": {"at.$": "$$.State.EnteredTime"}, "End": true},
        }})
    };
    let short = cloud.machine("short", &waits(60), express()).await;
    let long = cloud.machine("long", &waits(301), express()).await;
    let (short, long) = (sync(&cloud, &short, json!({})), sync(&cloud, &long, json!({})));
    let hour = cloud.advance(Duration::from_secs(3_600));
    let (short, long, ()) = tokio::join!(short, long, hour);
    assert_eq!(short["output"], r#"{"at":"2030-03-01T12:01:00.000Z"}"#);
    assert_eq!(short["billingDetails"]["billedDurationInMilliseconds"], 60_000);
    assert_eq!((&long["status"], &long["error"]), (&json!("TIMED_OUT"), &json!("States.Timeout")));
    assert_eq!(
        (&long["startDate"], &long["stopDate"]),
        (&json!("2030-03-01T12:00:00Z"), &json!("2030-03-01T12:05:00Z"))
    );
}

#[tokio::test]
async fn only_express_executions_are_waited_for() {
    let cloud = Cloud::new().await;
    let machine = cloud.machine("m", &gives(&json!(1)), json!({})).await;
    let refused = cloud.refused("StartSyncExecution", json!({"stateMachineArn": machine})).await;
    let what = "StateMachineTypeNotSupported: This operation is not supported by this type of state machine";
    assert_eq!(refused, what);
    let express = cloud.machine("x", &gives(&json!(1)), express()).await;
    assert_eq!(cloud.refused("ListExecutions", json!({"stateMachineArn": express})).await, what);
    let bad = json!({"stateMachineArn": express, "input": "{"});
    assert!(cloud.refused("StartSyncExecution", bad).await.starts_with("InvalidExecutionInput: "));
}

#[tokio::test]
async fn who_starts_and_goes_away_gets_no_history() {
    let cloud = Cloud::new().await;
    cloud.outside.functions.lock().insert("f".into(), json!(1));
    let definition = json!({"StartAt": "W", "States": {
        "W": {"Type": "Wait", "Seconds": 60, "Next": "F"}, "F": calls("f"),
    }});
    let mut definition = definition;
    definition["States"]["F"]["End"] = json!(false);
    definition["States"]["F"].as_object_mut().unwrap().remove("End");
    definition["States"]["F"]["Next"] = json!("S");
    definition["States"]["S"] = json!({
        "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": true,
        "Parameters": {"QueueUrl": "q", "MessageBody.$": "$$.Execution.Name"},
    });
    let machine = cloud.machine("m", &definition, express()).await;
    let start = json!({"stateMachineArn": machine, "name": "same"});
    let first = cloud.ok("StartExecution", start.clone()).await["executionArn"].clone();
    let second = cloud.ok("StartExecution", start).await["executionArn"].clone();
    assert_ne!(first, second, "names may repeat");
    for op in ["DescribeExecution", "GetExecutionHistory", "StopExecution", "DescribeStateMachineForExecution"] {
        let refused = cloud.refused(op, json!({"executionArn": first})).await;
        assert_eq!(refused, "InvalidArn: Invalid Arn: 'Resource type not valid in this context: express'", "{op}");
    }
    cloud.advance(Duration::from_secs(61)).await;
    let sent: Vec<Value> = cloud.outside.calls.lock().iter().map(|call| call.input["MessageBody"].clone()).collect();
    assert_eq!(sent, ["same", "same"]);
    assert_eq!(cloud.rows_of(&LEFT).await, 0);
}

#[tokio::test]
async fn who_goes_away_is_over_after_five_minutes() {
    let cloud = Cloud::new().await;
    let definition = json!({"StartAt": "W", "States": {
        "W": {"Type": "Wait", "Seconds": 400, "Next": "F"}, "F": calls("f"),
    }});
    let machine = cloud.machine("m", &definition, express()).await;
    cloud.start(&machine, &json!({})).await;
    assert!(cloud.rows_of(&LEFT).await > 0);
    cloud.advance(Duration::from_secs(300)).await;
    assert_eq!(cloud.rows_of(&LEFT).await, 0);
}

#[tokio::test]
async fn an_express_execution_isnt_waited_for_by_a_task() {
    let cloud = Cloud::new().await;
    let express = cloud.machine("x", &gives(&json!(1)), express()).await;
    let task = json!({
        "Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": true,
        "Parameters": {"StateMachineArn": express},
    });
    let machine = cloud.machine("m", &only(&task), json!({})).await;
    let execution = cloud.start(&machine, &json!({})).await;
    cloud.advance(Duration::from_secs(1)).await;
    let said = cloud.describe(&execution).await;
    assert_eq!(said["error"], "StepFunctions.StateMachineTypeNotSupportedException");
}
