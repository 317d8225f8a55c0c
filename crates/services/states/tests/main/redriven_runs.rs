//! Runs of distributed maps that go on when their execution is redriven; and children of Express kind, which are begun anew.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use updraft_kernel::AwsError;

use crate::distributed::map;
use crate::map_runs::{counts, failing, run_of};
use crate::support::{Cloud, text};

const DAY: u64 = 24 * 60 * 60;

/// Calls with the item, which fails for `bad` as long as that is set.
fn calls(cloud: &Cloud, kind: &str, fields: Value) -> (Value, Arc<AtomicBool>) {
    let task = json!({
        "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": { "QueueUrl": "q", "MessageBody.$": "$" },
        "OutputPath": "$.said", "End": true,
    });
    let mut definition = map(fields, task);
    definition["States"]["M"]["ItemProcessor"]["ProcessorConfig"]["ExecutionType"] = json!(kind);
    let broken = Arc::new(AtomicBool::new(true));
    let fails = Arc::clone(&broken);
    *cloud.outside.answers.lock() = Some(Box::new(move |call| match &call.input["MessageBody"] {
        body if body == "bad" && fails.load(Ordering::SeqCst) => Err(AwsError::unavailable("not now")),
        body => Ok(json!({ "said": body })),
    }));
    (definition, broken)
}

async fn redrive(cloud: &Cloud, execution: &str) {
    cloud.advance(1).await;
    cloud.ok("RedriveExecution", json!({ "ExecutionArn": execution })).await;
    cloud.advance(0).await;
}

fn asked(cloud: &Cloud) -> Vec<Value> {
    cloud.outside.calls.lock().drain(..).map(|call| call.input["MessageBody"].clone()).collect()
}

async fn children(cloud: &Cloud, run: &str, status: &str) -> Vec<Value> {
    let listed = cloud.ok("ListExecutions", json!({ "MapRunArn": run, "StatusFilter": status })).await;
    listed["Executions"].as_array().unwrap().clone()
}

#[tokio::test]
async fn what_failed_and_what_was_never_begun_runs_in_the_same_run() {
    let cloud = Cloud::new().await;
    let (definition, broken) = calls(&cloud, "STANDARD", json!({ "MaxConcurrency": 1 }));
    let machine = cloud.machine("m", &definition).await;
    let execution = cloud.start(&machine, &json!(["a", "bad", "c"])).await;
    cloud.advance(0).await;
    let (run, said) = run_of(&cloud, &execution).await;
    assert_eq!((&said["Status"], said.get("RedriveCount")), (&json!("FAILED"), None));
    assert_eq!(asked(&cloud), [json!("a"), json!("bad")]);
    let failed = text(&children(&cloud, &run, "FAILED").await[0], "ExecutionArn");
    assert_eq!(cloud.describe(&failed).await["RedriveStatus"], "REDRIVABLE_BY_MAP_RUN");
    let refused = cloud.refused("RedriveExecution", json!({ "ExecutionArn": failed })).await;
    assert!(refused.starts_with("ExecutionNotRedrivable"), "{refused}");
    redrive(&cloud, &execution).await;
    let (again, said) = run_of(&cloud, &execution).await;
    assert_eq!((&again, &said["Status"], &said["RedriveCount"]), (&run, &json!("FAILED"), &json!(1)));
    assert_eq!(asked(&cloud), [json!("bad")], "what succeeded isn't done again");
    broken.store(false, Ordering::SeqCst);
    redrive(&cloud, &execution).await;
    assert_eq!(cloud.output(&execution).await, json!(["a", "bad", "c"]));
    assert_eq!(asked(&cloud), [json!("bad"), json!("c")]);
    let (_, said) = run_of(&cloud, &execution).await;
    let names =
        ["PendingRedrive", "FailuresNotRedrivable", "Running", "Succeeded", "Failed", "Total", "ResultsWritten"];
    assert_eq!(counts(&said, "ExecutionCounts", &names), [0, 0, 0, 3, 0, 3, 3]);
    assert_eq!((&said["RedriveCount"], &said["RedriveDate"]), (&json!(2), &json!("2030-03-01T12:00:02Z")));
    let child = cloud.describe(&failed).await;
    assert_eq!((&child["RedriveCount"], &child["Status"]), (&json!(2), &json!("SUCCEEDED")));
    let events = cloud.events(&execution).await;
    let redriven: Vec<_> = events.iter().filter(|event| event["Type"] == "MapRunRedriven").collect();
    let details = json!({ "MapRunArn": run, "RedriveCount": 2 });
    assert_eq!((redriven.len(), &redriven[1]["MapRunRedrivenEventDetails"]), (2, &details));
}

#[tokio::test]
async fn a_run_that_was_stopped_goes_on_and_no_more_at_once_than_may_be() {
    let cloud = Cloud::new().await;
    let machine = cloud.machine("m", &failing(json!({ "MaxConcurrency": 2 }))).await;
    let execution = cloud.start(&machine, &json!(["a", "b", "c"])).await;
    cloud.advance(0).await;
    cloud.ok("StopExecution", json!({ "ExecutionArn": execution })).await;
    cloud.advance(0).await;
    let (run, said) = run_of(&cloud, &execution).await;
    assert_eq!(said["Status"], "ABORTED");
    redrive(&cloud, &execution).await;
    let (_, said) = run_of(&cloud, &execution).await;
    assert_eq!(counts(&said, "ItemCounts", &["Pending", "Running", "PendingRedrive", "Aborted"]), [1, 2, 0, 0]);
    cloud.ok("UpdateMapRun", json!({ "MapRunArn": run, "MaxConcurrency": 1 })).await;
    cloud.ok("StopExecution", json!({ "ExecutionArn": execution })).await;
    cloud.advance(0).await;
    redrive(&cloud, &execution).await;
    let (_, said) = run_of(&cloud, &execution).await;
    assert_eq!(counts(&said, "ItemCounts", &["Pending", "Running", "PendingRedrive", "Aborted"]), [1, 1, 1, 0]);
    assert_eq!(children(&cloud, &run, "PENDING_REDRIVE").await.len(), 1);
    // Stopped before the second one was begun again: it is as it was.
    cloud.ok("StopExecution", json!({ "ExecutionArn": execution })).await;
    cloud.advance(0).await;
    let (_, said) = run_of(&cloud, &execution).await;
    assert_eq!(counts(&said, "ItemCounts", &["Running", "PendingRedrive", "Aborted"]), [0, 0, 2]);
    redrive(&cloud, &execution).await;
    for _ in 0..3 {
        cloud.advance(60).await;
    }
    assert_eq!(cloud.output(&execution).await, json!(["a", "b", "c"]));
    assert_eq!(run_of(&cloud, &execution).await.1["RedriveCount"], 3);
}

#[tokio::test]
async fn a_child_that_failed_too_long_ago_stays_as_it_is() {
    let cloud = Cloud::new().await;
    let choice = |n: u64, next: &str| json!({ "Variable": "$", "NumericEquals": n, "Next": next });
    let processor = json!({
        "StartAt": "C",
        "ProcessorConfig": { "Mode": "DISTRIBUTED", "ExecutionType": "STANDARD" },
        "States": {
            "C": { "Type": "Choice", "Choices": [choice(0, "F"), choice(1, "W")], "Default": "W" },
            "W": { "Type": "Wait", "Seconds": 10 * DAY, "Next": "F" },
            "F": { "Type": "Fail", "Error": "E" },
        },
    });
    let mut definition = map(json!({ "ToleratedFailureCount": 1 }), json!({ "Type": "Pass", "End": true }));
    definition["States"]["M"]["ItemProcessor"] = processor;
    let machine = cloud.machine("m", &definition).await;
    let execution = cloud.start(&machine, &json!([0, 1])).await;
    cloud.advance(10 * DAY).await;
    assert_eq!(cloud.describe(&execution).await["Status"], "FAILED");
    cloud.advance(5 * DAY).await;
    redrive(&cloud, &execution).await;
    let (_, said) = run_of(&cloud, &execution).await;
    let names = ["FailuresNotRedrivable", "PendingRedrive", "Failed", "Total"];
    assert_eq!(counts(&said, "ExecutionCounts", &names), [1, 0, 2, 2]);
    assert_eq!(cloud.describe(&execution).await["Status"], "FAILED", "what can't be redriven counts as failed");
}

#[tokio::test]
async fn express_children_leave_no_history_and_are_begun_anew() {
    let cloud = Cloud::new().await;
    let (definition, broken) = calls(&cloud, "EXPRESS", json!({}));
    let machine = cloud.machine("m", &definition).await;
    let execution = cloud.start(&machine, &json!(["a", "bad"])).await;
    cloud.advance(0).await;
    let (run, _) = run_of(&cloud, &execution).await;
    let child = text(&children(&cloud, &run, "FAILED").await[0], "ExecutionArn");
    assert!(child.starts_with("arn:aws:states:us-east-1:000000000000:express:m/L:"), "{child}");
    let said = cloud.describe(&child).await;
    assert_eq!((&said["RedriveStatus"], &said["MapRunArn"]), (&json!("REDRIVABLE_BY_MAP_RUN"), &json!(run)));
    for op in ["GetExecutionHistory", "StopExecution", "RedriveExecution"] {
        let refused = cloud.refused(op, json!({ "ExecutionArn": child })).await;
        assert!(refused.starts_with("InvalidArn"), "{refused}");
    }
    // Nothing of them but how they ended: the events are the execution's own.
    assert_eq!(cloud.rows_of(&[7]).await, cloud.events(&execution).await.len());
    broken.store(false, Ordering::SeqCst);
    redrive(&cloud, &execution).await;
    assert_eq!(cloud.output(&execution).await, json!(["a", "bad"]));
    let said = cloud.describe(&child).await;
    assert_eq!((&said["Status"], &said["RedriveCount"]), (&json!("SUCCEEDED"), &json!(0)), "by the same name");
    assert_eq!(said["StartDate"], "2030-03-01T12:00:01Z");
}

#[tokio::test]
async fn express_children_take_five_minutes_at_most_and_are_waited_for() {
    let cloud = Cloud::new().await;
    let mut definition = map(json!({}), json!({ "Type": "Wait", "SecondsPath": "$", "End": true }));
    definition["States"]["M"]["ItemProcessor"]["ProcessorConfig"]["ExecutionType"] = json!("EXPRESS");
    let machine = cloud.machine("m", &definition).await;
    let long = cloud.start(&machine, &json!([400])).await;
    cloud.advance(300).await;
    let (run, said) = run_of(&cloud, &long).await;
    assert_eq!((said["ExecutionCounts"]["TimedOut"].as_u64(), &said["Status"]), (Some(1), &json!("FAILED")));
    assert_eq!(children(&cloud, &run, "TIMED_OUT").await.len(), 1);
    let stopped = cloud.start(&machine, &json!([60, 70])).await;
    cloud.advance(0).await;
    cloud.ok("StopExecution", json!({ "ExecutionArn": stopped })).await;
    // Redriven while what was begun goes on: that ends first, and what succeeded isn't done again.
    redrive(&cloud, &stopped).await;
    let (_, said) = run_of(&cloud, &stopped).await;
    assert_eq!((&said["Status"], &said["RedriveCount"]), (&json!("RUNNING"), &json!(1)));
    cloud.advance(70).await;
    assert_eq!(cloud.output(&stopped).await, json!([60, 70]));
    let (run, said) = run_of(&cloud, &stopped).await;
    assert_eq!(counts(&said, "ExecutionCounts", &["Succeeded", "Total"]), [2, 2]);
    let all = cloud.ok("ListExecutions", json!({ "MapRunArn": run })).await;
    let started = |child: &Value| child["StartDate"] == json!("2030-03-01T12:05:00Z");
    assert!(all["Executions"].as_array().unwrap().iter().all(started), "{all}");
}

#[tokio::test]
async fn where_it_stood_is_kept_for_as_long_as_it_may_be_redriven() {
    let cloud = Cloud::new().await;
    let definition = json!({ "StartAt": "F", "States": { "F": { "Type": "Fail", "Error": "E" } } });
    let machine = cloud.machine("m", &definition).await;
    let execution = cloud.start(&machine, &json!({})).await;
    cloud.advance(14 * DAY).await;
    assert_eq!(cloud.describe(&execution).await["RedriveStatus"], "REDRIVABLE");
    cloud.ok("RedriveExecution", json!({ "ExecutionArn": execution })).await;
    cloud.advance(14 * DAY).await;
    assert!(cloud.rows_of(&[5, 6]).await > 0, "its time begins with each end");
    cloud.advance(1).await;
    assert_eq!(cloud.rows_of(&[5, 6]).await, 0);
    let said = cloud.describe(&execution).await;
    assert_eq!(said["RedriveStatusReason"], "Execution redrivable period exceeded");
    assert_eq!(cloud.events(&execution).await.len(), 5, "its history stays");
}
