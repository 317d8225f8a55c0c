//! How long an execution may go on that says nothing of it itself: a year, as with AWS.

use serde_json::{Value, json};

use crate::support::{Cloud, text};

const DAY: u64 = 24 * 60 * 60;
const YEAR: u64 = 365 * DAY;

fn one(mut state: Value) -> Value {
    state["End"] = json!(true);
    json!({ "StartAt": "A", "States": { "A": state } })
}

/// How it stands a second before the year is over, and when it is.
async fn stands(cloud: &Cloud, definition: &Value) -> (Value, Value) {
    let machine = cloud.machine("m", definition).await;
    let execution = cloud.start(&machine, &json!({})).await;
    cloud.advance(YEAR - 1).await;
    let before = cloud.describe(&execution).await["Status"].clone();
    cloud.advance(1).await;
    let said = cloud.describe(&execution).await;
    cloud.ok("DeleteStateMachine", json!({ "StateMachineArn": machine })).await;
    (before, json!([said["Status"], said["Error"]]))
}

#[tokio::test]
async fn nothing_goes_on_for_more_than_a_year() {
    let over = (json!("RUNNING"), json!(["TIMED_OUT", "States.Timeout"]));
    let cloud = Cloud::new().await;
    assert_eq!(stands(&cloud, &one(json!({ "Type": "Wait", "Seconds": YEAR + 1 }))).await, over);
    let token = json!({
        "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": { "QueueUrl": "q", "MessageBody.$": "$$.Task.Token" },
    });
    assert_eq!(stands(&cloud, &one(token)).await, over);
    let activity = text(&cloud.ok("CreateActivity", json!({ "Name": "a" })).await, "ActivityArn");
    assert_eq!(stands(&cloud, &one(json!({ "Type": "Task", "Resource": activity }))).await, over);
    let mut longer = one(json!({ "Type": "Wait", "Seconds": YEAR + 1 }));
    longer["TimeoutSeconds"] = json!(YEAR + 7);
    assert_eq!(stands(&cloud, &longer).await, over, "whatever it says of itself");
}

#[tokio::test]
async fn what_goes_round_and_round_ends_and_is_not_redriven() {
    let cloud = Cloud::new().await;
    let definition = json!({ "StartAt": "A", "States": {
        "A": { "Type": "Wait", "Seconds": 40 * DAY, "Next": "B" },
        "B": { "Type": "Choice", "Choices": [{ "Variable": "$.x", "IsPresent": true, "Next": "C" }], "Default": "A" },
        "C": { "Type": "Succeed" },
    } });
    let execution = cloud.start(&cloud.machine("m", &definition).await, &json!({})).await;
    for _ in 0..9 {
        cloud.advance(40 * DAY).await;
        assert_eq!(cloud.describe(&execution).await["Status"], "RUNNING");
    }
    cloud.advance(6 * DAY).await;
    let said = cloud.describe(&execution).await;
    assert_eq!((&said["Status"], &said["Error"]), (&json!("TIMED_OUT"), &json!("States.Timeout")));
    let refused = cloud.refused("RedriveExecution", json!({ "ExecutionArn": execution })).await;
    assert!(refused.contains("Execution has exceeded the max execution time"), "{refused}");
}

#[tokio::test]
async fn the_context_object_tells_when_an_execution_was_redriven() {
    let cloud = Cloud::new().await;
    let states = json!({
        "W": { "Type": "Wait", "Seconds": 60, "Next": "P" },
        "P": { "Type": "Pass", "Parameters": { "of.$": "$$.Execution" }, "OutputPath": "$.of", "End": true },
    });
    let machine = cloud.machine("m", &json!({ "StartAt": "W", "States": states })).await;
    let plain = cloud.start(&machine, &json!({})).await;
    cloud.advance(60).await;
    let said = cloud.output(&plain).await;
    assert_eq!((&said["RedriveCount"], said.get("RedriveTime")), (&json!(0), None));
    let stopped = cloud.start(&machine, &json!({})).await;
    cloud.ok("StopExecution", json!({ "ExecutionArn": stopped })).await;
    cloud.advance(30).await;
    cloud.ok("RedriveExecution", json!({ "ExecutionArn": stopped })).await;
    cloud.advance(60).await;
    let said = cloud.output(&stopped).await;
    assert_eq!((&said["RedriveCount"], &said["RedriveTime"]), (&json!(1), &json!("2030-03-01T12:01:30.000Z")));
}
