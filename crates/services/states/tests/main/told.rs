//! What is told of executions: logs, events on the bus, metrics.

use std::time::Duration;

use serde_json::{Value, json};

use crate::named::{Cloud, gives, made, only};

const GROUP: &str = "arn:aws:logs:us-east-1:000000000000:log-group:g:*";

/// With a log group `g`.
async fn with_group() -> Cloud {
    let cloud = Cloud::new().await;
    let answers = |_: &_| Ok(json!({"LogGroups": [{"LogGroupName": "g"}, {"LogGroupName": "g2"}]}));
    *cloud.outside.answers.lock() = Some(Box::new(answers));
    cloud
}

fn logging(level: &str, data: bool) -> Value {
    let group = json!({"cloudWatchLogsLogGroup": {"logGroupArn": GROUP}});
    json!({"loggingConfiguration": {"level": level, "includeExecutionData": data, "destinations": [group]}})
}

/// Stream and record of everything that was logged, in its order.
fn logged(cloud: &Cloud) -> Vec<(String, Value)> {
    let mut records = Vec::new();
    for batch in cloud.outside.logged.lock().iter() {
        assert_eq!(batch.group, "g");
        for line in &batch.lines {
            let record: Value = serde_json::from_str(&line.message).unwrap();
            assert_eq!(record["event_timestamp"], line.at.0.to_string());
            records.push((batch.stream.clone(), record));
        }
    }
    records
}

fn types(records: &[(String, Value)]) -> Vec<&str> {
    records.iter().map(|(_, record)| record["type"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn steps_of_an_execution_are_logged_in_their_order() {
    let cloud = with_group().await;
    let definition = json!({"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Result": 1, "Next": "W"}, "W": {"Type": "Wait", "Seconds": 5, "End": true},
    }});
    let machine = cloud.machine("m", &definition, logging("ALL", true)).await;
    let execution = cloud.start(&machine, &json!({"x": 1})).await;
    cloud.advance(Duration::from_secs(6)).await;
    let records = logged(&cloud);
    let told = ["ExecutionStarted", "PassStateEntered", "PassStateExited", "WaitStateEntered", "WaitStateExited"];
    assert_eq!(types(&records), [&told[..], &["ExecutionSucceeded"]].concat());
    assert!(records.iter().all(|(stream, _)| stream.starts_with("states/m/2030-03-01-12-00/")));
    let (_, entered) = &records[1];
    let expected = json!({
        "id": "2", "type": "PassStateEntered", "previous_event_id": "0", "redrive_count": "0",
        "details": {"name": "A", "input": "{\"x\":1}", "inputDetails": {"truncated": false}},
        "event_timestamp": entered["event_timestamp"], "execution_arn": execution,
    });
    assert_eq!(*entered, expected);
}

#[tokio::test]
async fn levels_and_what_is_left_out() {
    let cloud = with_group().await;
    let fails = only(&json!({"Type": "Fail", "Error": "E", "Cause": "c"}));
    for (name, level) in [("error", "ERROR"), ("fatal", "FATAL"), ("off", "OFF")] {
        let machine = cloud.machine(name, &fails, logging(level, false)).await;
        cloud.start(&machine, &json!({})).await;
        cloud.advance(Duration::from_secs(1)).await;
    }
    let records = logged(&cloud);
    assert_eq!(types(&records), ["FailStateEntered", "ExecutionFailed", "ExecutionFailed"]);
    assert_eq!(records[0].1["details"], json!({"name": "A"}));
    assert_eq!(records[2].1["details"], json!({"error": "E", "cause": "c"}));
}

#[tokio::test]
async fn express_executions_are_logged_whether_somebody_waits_or_not() {
    let cloud = with_group().await;
    let mut settings = logging("ALL", false);
    settings["type"] = json!("EXPRESS");
    let machine = cloud.machine("m", &gives(&json!(1)), settings).await;
    let said = cloud.ok("StartSyncExecution", json!({"stateMachineArn": machine})).await;
    let told = ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"];
    let records = logged(&cloud);
    assert_eq!(types(&records), told);
    assert!(records.iter().all(|(_, record)| record["execution_arn"] == said["executionArn"]));
    let started = cloud.start(&machine, &json!({})).await;
    cloud.advance(Duration::from_secs(1)).await;
    let records = logged(&cloud).split_off(4);
    assert_eq!(types(&records), told);
    assert!(records.iter().all(|(_, record)| record["execution_arn"] == started));
}

#[tokio::test]
async fn where_to_log_must_be_one_group_that_is_there() {
    let cloud = with_group().await;
    let group = |name: &str| json!({"cloudWatchLogsLogGroup": {"logGroupArn": format!("arn:aws:logs:us-east-1:000000000000:log-group:{name}:*")}});
    let one = "InvalidLoggingConfiguration: Invalid Logging Configuration: Must specify exactly one Log Destination.";
    let missing = "InvalidLoggingConfiguration: Invalid Logging Configuration: Log Destination not found.";
    let wrong = [
        (json!({"level": "ALL"}), one),
        (json!({"level": "ALL", "destinations": []}), one),
        (json!({"level": "OFF", "destinations": [group("g"), group("g2")]}), one),
        (json!({"level": "ALL", "destinations": [group("other")]}), missing),
        (json!({"level": "ALL", "destinations": [{}]}), missing),
    ];
    for (given, why) in wrong {
        let input = made("m", &gives(&json!(1)), json!({"loggingConfiguration": given}));
        assert_eq!(cloud.refused("CreateStateMachine", input).await, why, "{given}");
    }
    let machine = cloud.machine("m", &gives(&json!(1)), json!({"loggingConfiguration": {"destinations": []}})).await;
    let said = cloud.ok("DescribeStateMachine", json!({"stateMachineArn": machine})).await;
    let off = json!({"level": "OFF", "includeExecutionData": false, "destinations": []});
    assert_eq!(said["loggingConfiguration"], off);
}

#[tokio::test]
async fn the_bus_is_told_of_beginnings_and_ends() {
    let cloud = Cloud::new().await;
    let machine = cloud.machine("m", &gives(&json!({"x": 1})), json!({"publish": true})).await;
    let execution = cloud.start(&format!("{machine}:1"), &json!({})).await;
    cloud.advance(Duration::from_secs(1)).await;
    let events = cloud.outside.events.lock();
    let details: Vec<Value> = events.iter().map(|event| serde_json::from_slice(&event.body).unwrap()).collect();
    let statuses: Vec<&str> = details.iter().map(|detail| detail["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["RUNNING", "SUCCEEDED"]);
    assert!(events.iter().all(|event| event.detail_type.as_deref() == Some("Step Functions Execution Status Change")));
    let at = 1_898_596_800_000_i64;
    let expected = json!({
        "executionArn": execution, "stateMachineArn": machine, "name": details[1]["name"], "status": "SUCCEEDED",
        "startDate": at, "stopDate": at, "input": "{}", "output": "{\"x\":1}", "error": null, "cause": null,
        "inputDetails": {"included": true}, "outputDetails": {"included": true},
        "stateMachineVersionArn": format!("{machine}:1"), "stateMachineAliasArn": null, "redriveCount": 0,
        "redriveDate": null, "redriveStatus": "NOT_REDRIVABLE",
        "redriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
    });
    assert_eq!(details[1], expected);
    assert_eq!((&details[0]["stopDate"], &details[0]["output"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn nothing_is_sent_where_nobody_hears() {
    let cloud = Cloud::new().await;
    *cloud.outside.deaf.lock() = true;
    let machine = cloud.machine("m", &gives(&json!(1)), json!({})).await;
    cloud.start(&machine, &json!({})).await;
    cloud.advance(Duration::from_secs(1)).await;
    assert!(cloud.outside.events.lock().is_empty());
    assert_eq!(cloud.outside.measured.lock().len(), 2);
}

#[tokio::test]
async fn executions_are_counted_and_timed() {
    let cloud = Cloud::new().await;
    let waits = json!({"StartAt": "W", "States": {
        "W": {"Type": "Wait", "Seconds": 2, "Next": "F"}, "F": {"Type": "Fail"},
    }});
    let machine = cloud.machine("m", &waits, json!({})).await;
    cloud.start(&machine, &json!({})).await;
    cloud.advance(Duration::from_secs(3)).await;
    let express = cloud.machine("x", &gives(&json!(1)), json!({"type": "EXPRESS"})).await;
    cloud.ok("StartSyncExecution", json!({"stateMachineArn": express})).await;
    let of = |arn: &str| {
        let batches = cloud.outside.measured.lock();
        let own = batches.iter().filter(|batch| batch.dimensions == [[("StateMachineArn", arn.to_owned())]]);
        assert!(batches.iter().all(|batch| batch.namespace == "AWS/States"));
        own.flat_map(|batch| batch.metrics.clone()).map(|one| (one.name, one.value)).collect::<Vec<_>>()
    };
    let standard = [("ExecutionsStarted", 1.0), ("ExecutionsFailed", 1.0), ("ExecutionTime", 2_000.0)];
    assert_eq!(of(&machine), standard);
    let names: Vec<&str> = of(&express).iter().map(|(name, _)| *name).collect();
    let expected = ["ExecutionsStarted", "ExecutionsSucceeded", "ExecutionTime", "ExpressExecutionBilledDuration"];
    assert_eq!(names, expected);
}
