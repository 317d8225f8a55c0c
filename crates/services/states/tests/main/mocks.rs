//! Test cases of mocks answer in place of what tasks call.

use serde_json::{Value, json};

use crate::distributed::map;
use crate::support::{Cloud, text};

/// Of the states named `P`, by their calls.
fn file(answers: &Value) -> Value {
    json!({
        "StateMachines": { "m": { "TestCases": { "Case": { "P": "Said" }, "Other": {} } } },
        "MockedResponses": { "Said": answers },
    })
}

fn calls(action: &str) -> Value {
    let parameters = match action {
        "sqs:sendMessage" => json!({ "QueueUrl": "q", "MessageBody": "m" }),
        _ => json!({ "StateMachineArn": "a" }),
    };
    json!({ "Type": "Task", "Resource": format!("arn:aws:states:::{action}"), "Parameters": parameters, "End": true })
}

fn only(state: &Value) -> Value {
    json!({ "StartAt": "P", "States": { "P": state } })
}

#[tokio::test]
async fn calls_are_counted_over_retries() {
    let answers = json!({ "0-1": { "Throw": { "Error": "E" } }, "2": { "Return": { "x": 1 } } });
    let cloud = Cloud::mocked(&file(&answers)).await;
    let mut task = calls("sqs:sendMessage");
    task["Retry"] = json!([{ "ErrorEquals": ["E"], "IntervalSeconds": 1, "BackoffRate": 1.0 }]);
    let machine = cloud.machine("m", &only(&task)).await;
    let execution = cloud.start(&format!("{machine}#Case"), &json!({})).await;
    cloud.advance(2).await;
    assert_eq!(cloud.output(&execution).await, json!({ "x": 1 }));
    assert_eq!(cloud.types(&execution).await.iter().filter(|kind| *kind == "TaskFailed").count(), 2);
    assert!(cloud.outside.calls.lock().is_empty());
    assert_eq!(cloud.rows_of(&[25]).await, 1);
    let other = cloud.start(&format!("{machine}#Other"), &json!({})).await;
    cloud.output(&other).await;
    assert_eq!(cloud.outside.calls.lock().len(), 1, "what a case says nothing of is called");
}

#[tokio::test]
async fn tasks_that_wait_are_submitted_first() {
    let cloud = Cloud::mocked(&file(&json!({ "0": { "Return": "done" } }))).await;
    let machine = cloud.machine("m", &only(&calls("states:startExecution.sync"))).await;
    let execution = cloud.start(&format!("{machine}#Case"), &json!({})).await;
    assert_eq!(cloud.output(&execution).await, "done");
    let types = cloud.types(&execution).await;
    assert_eq!(types[3..6], ["TaskStarted", "TaskSubmitted", "TaskSucceeded"]);
}

#[tokio::test]
async fn children_of_a_distributed_map_count_together() {
    let answers = json!({ "0": { "Return": "a" }, "1": { "Return": "b" } });
    let cloud = Cloud::mocked(&file(&answers)).await;
    let fields = json!({ "MaxConcurrency": 1 });
    let machine = cloud.machine("m", &map(fields, calls("sqs:sendMessage"))).await;
    let execution = cloud.start(&format!("{machine}#Case"), &json!([1, 2])).await;
    assert_eq!(cloud.output(&execution).await, json!(["a", "b"]));
}

#[tokio::test]
async fn of_an_express_execution_nothing_is_left() {
    let cloud = Cloud::mocked(&file(&json!({ "0": { "Return": "a" }, "1": { "Throw": { "Error": "E" } } }))).await;
    let mut first = calls("sqs:sendMessage");
    first["Catch"] = json!([{ "ErrorEquals": ["E"], "Next": "Q" }]);
    let mut definition = only(&first);
    definition["States"]["P"].as_object_mut().unwrap().remove("End");
    definition["States"]["P"]["Next"] = json!("P");
    definition["States"]["Q"] = json!({ "Type": "Succeed" });
    let made = json!({ "Name": "m", "Definition": definition.to_string(), "RoleArn": crate::support::ROLE, "Type": "EXPRESS" });
    let machine = text(&cloud.ok("CreateStateMachine", made).await, "StateMachineArn");
    let case = json!({ "StateMachineArn": format!("{machine}#Case") });
    let said = cloud.ok("StartSyncExecution", case.clone()).await;
    assert_eq!(serde_json::from_str::<Value>(said["Output"].as_str().unwrap()).unwrap()["Error"], "E");
    cloud.ok("StartExecution", case).await;
    cloud.advance(0).await;
    assert_eq!(cloud.rows_of(&[3, 4, 5, 6, 7, 25]).await, 0);
    assert!(cloud.outside.calls.lock().is_empty());
}

#[tokio::test]
async fn cases_are_those_of_the_machine() {
    let cloud = Cloud::mocked(&file(&json!({}))).await;
    let machine = cloud.machine("m", &only(&json!({ "Type": "Pass", "End": true }))).await;
    let start = |case: &str| json!({ "StateMachineArn": format!("{machine}#{case}") });
    let expected = "ValidationException: There is no test case None of the state machine m.";
    assert_eq!(cloud.refused("StartExecution", start("None")).await, expected);
    let without = Cloud::new().await;
    without.machine("m", &only(&json!({ "Type": "Pass", "End": true }))).await;
    assert!(without.refused("StartExecution", start("Case")).await.starts_with("InvalidName: "));
}

#[tokio::test]
async fn activities_are_taken_by_the_case() {
    let answers = json!({ "0": { "Throw": { "Error": "E" } }, "1": { "Return": 7 } });
    let cloud = Cloud::mocked(&file(&answers)).await;
    let arn = text(&cloud.ok("CreateActivity", json!({ "Name": "a" })).await, "ActivityArn");
    let retry = json!([{ "ErrorEquals": ["E"], "IntervalSeconds": 1 }]);
    let task = json!({ "Type": "Task", "Resource": arn, "End": true, "Retry": retry });
    let machine = cloud.machine("m", &only(&task)).await;
    let execution = cloud.start(&format!("{machine}#Case"), &json!({})).await;
    cloud.advance(1).await;
    assert_eq!(cloud.output(&execution).await, json!(7));
    let types = cloud.types(&execution).await;
    assert_eq!(types[2..5], ["ActivityScheduled", "ActivityStarted", "ActivityFailed"]);
    // Nobody waits for a worker: of the other case somebody does.
    assert_eq!(cloud.rows_of(&[10]).await, 0);
    cloud.start(&format!("{machine}#Other"), &json!({})).await;
    cloud.advance(0).await;
    assert_eq!(cloud.rows_of(&[10]).await, 1);
}

#[tokio::test]
async fn an_execution_that_a_task_begins_may_be_of_a_case_too() {
    let cloud = Cloud::mocked(&file(&json!({ "0": { "Return": "inner" } }))).await;
    let machine = cloud.machine("m", &only(&calls("sqs:sendMessage"))).await;
    let begins = |arn: String| {
        json!({
            "Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": true,
            "Parameters": { "StateMachineArn": arn, "Input": {} }, "OutputPath": "$.Output",
        })
    };
    let outer = cloud.machine("outer", &only(&begins(format!("{machine}#Case")))).await;
    let execution = cloud.start(&outer, &json!({})).await;
    assert_eq!(cloud.output(&execution).await, json!("inner"));
    let wrong = cloud.machine("wrong", &only(&begins(format!("{machine}#None")))).await;
    let execution = cloud.start(&wrong, &json!({})).await;
    cloud.advance(0).await;
    let cause = text(&cloud.describe(&execution).await, "Cause");
    assert!(cause.starts_with("There is no test case None of the state machine m."), "{cause}");
}
