//! States tried alone.

use std::pin::pin;

use serde_json::json;

use crate::support::{Cloud, ROLE};

#[tokio::test]
async fn a_trial_takes_no_longer_than_the_state_says_and_five_minutes_at_most() {
    let cloud = Cloud::new().await;
    *cloud.outside.silent.lock() = true;
    for (timeout, seconds) in [(Some(7), 7), (Some(400), 300), (None, 300)] {
        let mut task = json!({
            "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage",
            "Parameters": { "QueueUrl": "q", "MessageBody": "m" }, "End": true,
        });
        if let Some(timeout) = timeout {
            task["TimeoutSeconds"] = json!(timeout);
        }
        let asked = json!({ "Definition": task.to_string(), "RoleArn": ROLE });
        let mut trial = pin!(cloud.ok("TestState", asked));
        tokio::select! {
            biased;
            said = &mut trial => panic!("too early: {said}"),
            () = cloud.advance(seconds - 1) => {}
        }
        let (said, ()) = tokio::join!(trial, cloud.advance(1));
        assert_eq!((&said["Status"], &said["Error"]), (&json!("FAILED"), &json!("States.Timeout")));
    }
}
