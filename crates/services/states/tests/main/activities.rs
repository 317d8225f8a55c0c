//! Activities and their workers.

use futures_util::FutureExt;
use serde_json::{Value, json};

use crate::support::{Cloud, text};

async fn activity(cloud: &Cloud, name: &str) -> String {
    text(&cloud.ok("CreateActivity", json!({ "Name": name })).await, "ActivityArn")
}

/// A machine whose only task is that activity's.
async fn machine(cloud: &Cloud, arn: &str, more: Value) -> String {
    let mut task = json!({ "Type": "Task", "Resource": arn, "End": true });
    task.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    cloud.machine("m", &json!({ "StartAt": "A", "States": { "A": task } })).await
}

async fn take(cloud: &Cloud, arn: &str) -> Value {
    cloud.ok("GetActivityTask", json!({ "ActivityArn": arn, "WorkerName": "w" })).await
}

#[tokio::test]
async fn they_are_made_described_listed_tagged_and_deleted() {
    let cloud = Cloud::new().await;
    let tags = json!([{ "Key": "k", "Value": "v" }]);
    let made = cloud.ok("CreateActivity", json!({ "Name": "b", "Tags": tags })).await;
    let arn = text(&made, "ActivityArn");
    assert_eq!(arn, "arn:aws:states:us-east-1:000000000000:activity:b");
    assert_eq!(cloud.ok("CreateActivity", json!({ "Name": "b" })).await, made);
    let kms = json!({ "Type": "CUSTOMER_MANAGED_KMS_KEY", "KmsKeyId": "k" });
    let other = cloud.refused("CreateActivity", json!({ "Name": "b", "EncryptionConfiguration": kms })).await;
    assert_eq!(other, format!("ActivityAlreadyExists: Activity Already Exists: '{arn}'"));
    assert_eq!(
        cloud.ok("DescribeActivity", json!({ "ActivityArn": arn })).await,
        json!({
            "ActivityArn": arn, "Name": "b", "CreationDate": "2030-03-01T12:00:00Z",
            "EncryptionConfiguration": { "Type": "AWS_OWNED_KEY" },
        })
    );
    activity(&cloud, "a").await;
    let first = cloud.ok("ListActivities", json!({ "MaxResults": 1 })).await;
    let second = cloud.ok("ListActivities", json!({ "NextToken": first["NextToken"] })).await;
    assert_eq!((&first["Activities"][0]["Name"], &second["Activities"][0]["Name"]), (&json!("a"), &json!("b")));
    assert!(second.get("NextToken").is_none());
    cloud.ok("TagResource", json!({ "ResourceArn": arn, "Tags": [{ "Key": "x", "Value": "y" }] })).await;
    cloud.ok("UntagResource", json!({ "ResourceArn": arn, "TagKeys": ["k"] })).await;
    let tags = cloud.ok("ListTagsForResource", json!({ "ResourceArn": arn })).await;
    assert_eq!(tags["Tags"], json!([{ "Key": "x", "Value": "y" }]));
    cloud.ok("DeleteActivity", json!({ "ActivityArn": arn })).await;
    cloud.ok("DeleteActivity", json!({ "ActivityArn": arn })).await;
    let gone = format!("ActivityDoesNotExist: Activity Does Not Exist: '{arn}'");
    assert_eq!(cloud.refused("DescribeActivity", json!({ "ActivityArn": arn })).await, gone);
    assert_eq!(cloud.refused("GetActivityTask", json!({ "ActivityArn": arn })).await, gone);
    let wrong = cloud.refused("GetActivityTask", json!({ "ActivityArn": "no_an_activity_arn" })).await;
    assert_eq!(wrong, "InvalidArn: Invalid Arn: 'Invalid ARN prefix: no_an_activity_arn'");
}

#[tokio::test]
async fn a_worker_takes_a_task_and_answers_it() {
    let cloud = Cloud::new().await;
    let arn = activity(&cloud, "a").await;
    let execution = cloud.start(&machine(&cloud, &arn, json!({})).await, &json!({ "n": 1 })).await;
    let task = take(&cloud, &arn).await;
    assert_eq!(task["Input"], r#"{"n":1}"#);
    cloud.ok("SendTaskSuccess", json!({ "TaskToken": task["TaskToken"], "Output": "[1]" })).await;
    assert_eq!(cloud.output(&execution).await, json!([1]));
    let types = cloud.types(&execution).await;
    assert_eq!(types[2..5], ["ActivityScheduled", "ActivityStarted", "ActivitySucceeded"]);
    assert_eq!(cloud.events(&execution).await[3]["ActivityStartedEventDetails"], json!({ "WorkerName": "w" }));
    let late = cloud.refused("SendTaskSuccess", json!({ "TaskToken": task["TaskToken"], "Output": "1" })).await;
    assert!(late.starts_with("TaskTimedOut"), "{late}");
}

#[tokio::test]
async fn who_waits_for_a_task_is_woken_by_it_or_told_after_a_minute_that_there_is_none() {
    let cloud = Cloud::new().await;
    let arn = activity(&cloud, "a").await;
    let machine = machine(&cloud, &arn, json!({})).await;
    let mut waiting = Box::pin(take(&cloud, &arn));
    assert!((&mut waiting).now_or_never().is_none());
    cloud.start(&machine, &json!(7)).await;
    assert_eq!(waiting.await["Input"], "7");
    let mut waiting = Box::pin(take(&cloud, &arn));
    assert!((&mut waiting).now_or_never().is_none());
    cloud.advance(59).await;
    assert!((&mut waiting).now_or_never().is_none(), "a second early");
    cloud.advance(1).await;
    assert_eq!(waiting.await, json!({}));
}

#[tokio::test]
async fn each_task_goes_to_one_worker_in_the_order_in_which_they_came() {
    let cloud = Cloud::new().await;
    let arn = activity(&cloud, "a").await;
    let machine = machine(&cloud, &arn, json!({})).await;
    for n in 0..20 {
        cloud.start(&machine, &json!(n)).await;
        cloud.advance(1).await;
    }
    let taken = futures_util::future::join_all((0..20).map(|_| take(&cloud, &arn))).await;
    let mut inputs: Vec<u32> = taken.iter().map(|task| text(task, "Input").parse().unwrap()).collect();
    inputs.sort_unstable();
    assert_eq!(inputs, (0..20).collect::<Vec<_>>());
    cloud.start(&machine, &json!(20)).await;
    cloud.advance(1).await;
    cloud.start(&machine, &json!(21)).await;
    assert_eq!(take(&cloud, &arn).await["Input"], "20");
}

#[tokio::test]
async fn its_time_begins_when_it_is_taken_and_signs_of_life_put_the_end_off() {
    let cloud = Cloud::new().await;
    let arn = activity(&cloud, "a").await;
    let timed = json!({ "TimeoutSeconds": 25, "HeartbeatSeconds": 10 });
    let machine = machine(&cloud, &arn, timed).await;
    let (silent, busy) = (cloud.start(&machine, &json!(1)).await, cloud.start(&machine, &json!(2)).await);
    cloud.advance(1_000).await;
    assert_eq!(cloud.describe(&silent).await["Status"], "RUNNING", "nobody has taken it");
    let (first, second) = (take(&cloud, &arn).await, take(&cloud, &arn).await);
    let token = if first["Input"] == "2" { &first["TaskToken"] } else { &second["TaskToken"] };
    for _ in 0..3 {
        cloud.advance(8).await;
        cloud.ok("SendTaskHeartbeat", json!({ "TaskToken": token })).await;
    }
    let said = cloud.describe(&silent).await;
    assert_eq!((&said["Status"], &said["Error"]), (&json!("FAILED"), &json!("States.Timeout")));
    assert_eq!(cloud.types(&silent).await[4], "ActivityTimedOut");
    assert_eq!(cloud.describe(&busy).await["Status"], "RUNNING");
    cloud.advance(1).await;
    assert_eq!(cloud.describe(&busy).await["Error"], "States.Timeout");
}

#[tokio::test]
async fn a_task_of_an_activity_that_is_gone_fails_and_one_that_was_stopped_is_not_handed_out() {
    let cloud = Cloud::new().await;
    let arn = activity(&cloud, "a").await;
    let machine = machine(&cloud, &arn, json!({})).await;
    let before = cloud.rows().await;
    let stopped = cloud.start(&machine, &json!(1)).await;
    cloud.ok("StopExecution", json!({ "ExecutionArn": stopped })).await;
    let waiting: Vec<_> = cloud.rows().await.into_iter().filter(|key| !before.contains(key)).collect();
    assert!(waiting.iter().all(|key| !key.contains(r"\x15\n\x02") && !key.contains(r"\x15\x0b\x02")), "{waiting:?}");
    let left = cloud.start(&machine, &json!(2)).await;
    assert_eq!(take(&cloud, &arn).await["Input"], "2");
    cloud.ok("DeleteActivity", json!({ "ActivityArn": arn })).await;
    let gone = cloud.start(&machine, &json!(3)).await;
    let said = cloud.describe(&gone).await;
    assert_eq!(said["Error"], "States.Runtime");
    let cause = "An error occurred while executing the state 'A' (entered at the event id #2). The activity";
    assert_eq!(said["Cause"], format!("{cause} {arn} does not exist."));
    assert_eq!(cloud.types(&gone).await, ["ExecutionStarted", "TaskStateEntered", "ExecutionFailed"]);
    assert_eq!(cloud.describe(&left).await["Status"], "RUNNING");
}
