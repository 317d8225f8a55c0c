//! Executions that stand in many places.

use serde_json::{Value, json};

use crate::support::Cloud;

#[tokio::test]
async fn many_iterations_with_tasks_waits_and_failures_come_to_their_end() {
    let cloud = Cloud::new().await;
    cloud.outside.functions.lock().insert("f".to_owned(), json!({ "done": true }));
    cloud.outside.functions.lock().insert("bad".to_owned(), json!({ "errorType": "Bad" }));
    let call = |name: &str, more: Value| {
        let mut task = json!({ "Type": "Task", "Resource": format!("arn:aws:lambda:us-east-1:000000000000:function:{name}"), "ResultPath": null });
        task.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        task
    };
    let catch = json!([{ "ErrorEquals": ["Bad"], "Next": "W" }]);
    let processor = json!({
        "StartAt": "C",
        "States": {
            "C": { "Type": "Choice", "Choices": [{ "Variable": "$.bad", "BooleanEquals": true, "Next": "B" }], "Default": "F" },
            "B": call("bad", json!({ "Catch": catch, "Next": "F" })),
            "W": { "Type": "Wait", "Seconds": 5, "OutputPath": "$.Error", "End": true },
            "F": call("f", json!({ "OutputPath": "$.n", "End": true })),
        },
    });
    let map = json!({ "Type": "Map", "MaxConcurrency": 40, "ItemProcessor": processor, "End": true });
    let machine = cloud.machine("m", &json!({ "StartAt": "M", "States": { "M": map } })).await;
    let items: Vec<Value> = (0..400).map(|n| json!({ "n": n, "bad": n % 10 == 0 })).collect();
    let execution = cloud.start(&machine, &json!(items)).await;
    let expected: Vec<Value> = (0..400).map(|n| if n % 10 == 0 { json!("Bad") } else { json!(n) }).collect();
    for _ in 0..100 {
        cloud.advance(5).await;
        if cloud.describe(&execution).await["Status"] != "RUNNING" {
            break;
        }
    }
    assert_eq!(cloud.output(&execution).await, json!(expected));
}
