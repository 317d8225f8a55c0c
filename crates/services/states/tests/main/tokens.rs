//! Task tokens: nothing stays of them when their task, or their execution, has ended.

use std::time::Duration;

use serde_json::json;

use crate::named::{Cloud, only};

/// Whose token it is, and the token of a turn.
const TOKENS: [u8; 2] = [8, 19];

async fn waiting(cloud: &Cloud, name: &str) -> (String, String) {
    let task = json!({
        "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "HeartbeatSeconds": 60,
        "Parameters": {"QueueUrl": "q", "MessageBody": {"token.$": "$$.Task.Token"}}, "End": true,
    });
    let machine = cloud.machine(name, &only(&task), json!({})).await;
    let execution = cloud.start(&machine, &json!({})).await;
    cloud.advance(Duration::from_secs(1)).await;
    let calls = cloud.outside.calls.lock();
    let body = calls.last().unwrap().input["MessageBody"].as_str().unwrap().to_owned();
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    (execution, body["token"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_token_goes_with_its_task() {
    let cloud = Cloud::new().await;
    let (execution, token) = waiting(&cloud, "m").await;
    assert_eq!(cloud.rows_of(&TOKENS).await, 2);
    let done = json!({"taskToken": token, "output": "[1]"});
    cloud.ok("SendTaskSuccess", done.clone()).await;
    let said = cloud.describe(&execution).await;
    assert_eq!((said["status"].as_str(), said["output"].as_str()), (Some("SUCCEEDED"), Some("[1]")));
    assert_eq!(cloud.rows_of(&TOKENS).await, 0);
    let over = "TaskTimedOut: Task Timed Out: 'Provided task does not exist anymore'";
    assert_eq!(cloud.refused("SendTaskSuccess", done).await, over);
    let forged = json!({"taskToken": token.to_ascii_lowercase()});
    assert_eq!(cloud.refused("SendTaskFailure", forged).await, "InvalidToken: Invalid Token: 'Invalid token'");
}

#[tokio::test]
async fn a_token_goes_with_its_execution_and_with_its_time() {
    let cloud = Cloud::new().await;
    let (execution, token) = waiting(&cloud, "stopped").await;
    cloud.ok("StopExecution", json!({"executionArn": execution})).await;
    assert_eq!(cloud.rows_of(&TOKENS).await, 0);
    let refused = cloud.refused("SendTaskHeartbeat", json!({"taskToken": token})).await;
    assert!(refused.starts_with("TaskTimedOut: "), "{refused}");
    let (execution, _) = waiting(&cloud, "late").await;
    cloud.advance(Duration::from_secs(61)).await;
    assert_eq!(cloud.describe(&execution).await["status"], "FAILED");
    assert_eq!(cloud.rows_of(&TOKENS).await, 0);
}
