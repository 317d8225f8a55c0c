//! What targets get, and what becomes of what they refuse.

use serde_json::{Value, json};

use crate::support::{Cloud, target, text};

const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:f";
const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:q";

fn to(arn: &str, more: Value) -> Value {
    json!({"Target": target(arn, more)})
}

/// One occurrence of a schedule with this target.
async fn once(target: Value) -> Cloud {
    let cloud = Cloud::new().await;
    cloud.schedule("s", "at(2030-03-01T12:30:00)", target).await;
    cloud.advance(40).await;
    cloud
}

#[tokio::test]
async fn without_an_input_it_is_a_notification() {
    let cloud = once(to(FUNCTION, json!({}))).await;
    let sent = cloud.outside.sent.lock();
    let event: Value = serde_json::from_slice(&sent[0].body).unwrap();
    let expected = json!({
        "version": "0",
        "id": sent[0].id,
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": "000000000000",
        "time": "2030-03-01T12:30:00Z",
        "region": "us-east-1",
        "resources": ["arn:aws:scheduler:us-east-1:000000000000:schedule/default/s"],
        "detail": "{}",
    });
    assert_eq!((event, sent.len()), (expected, 1));
    assert_eq!(sent[0].target.to_string(), FUNCTION);
}

#[tokio::test]
async fn words_in_the_input_are_replaced() {
    let input = json!({
        "arn": "<aws.scheduler.schedule-arn>",
        "time": "<aws.scheduler.scheduled-time>",
        "execution": "<aws.scheduler.execution-id>",
        "attempt": "<aws.scheduler.attempt-number>",
        "other": "<aws.scheduler.other>",
    });
    let cloud = Cloud::new().await;
    *cloud.outside.busy.lock() = 2;
    cloud.schedule("s", "at(2030-03-01T12:30:00)", to(FUNCTION, json!({"Input": input.to_string()}))).await;
    cloud.advance(40).await;
    let sent = cloud.outside.sent.lock();
    let got: Value = serde_json::from_slice(&sent[0].body).unwrap();
    assert_eq!(got["arn"], "arn:aws:scheduler:us-east-1:000000000000:schedule/default/s");
    assert_eq!([&got["time"], &got["attempt"]], ["2030-03-01T12:30:00Z", "3"]);
    assert_eq!(got["execution"].as_str().unwrap().len(), 16);
    assert_eq!(got["other"], "<aws.scheduler.other>");
    assert_eq!(cloud.measured("InvocationAttemptCount", "default"), 3);
    assert_eq!(cloud.measured("TargetErrorCount", "default"), 2);
}

#[tokio::test]
async fn a_queue_gets_the_group_that_is_named() {
    let parameters = json!({"Input": "hello", "SqsParameters": {"MessageGroupId": "g"}});
    let cloud = once(to(&format!("{QUEUE}.fifo"), parameters)).await;
    let queued = cloud.outside.queued.lock();
    assert_eq!((queued.len(), queued[0].1.group.as_deref()), (1, Some("g")));
    assert_eq!(&queued[0].1.body[..], b"hello");
}

#[tokio::test]
async fn any_operation_is_called_with_its_input() {
    let input = json!({"QueueUrl": "u", "MessageBody": "<aws.scheduler.scheduled-time>"}).to_string();
    let cloud = once(to("arn:aws:scheduler:::aws-sdk:sqs:sendMessage", json!({"Input": input}))).await;
    let calls = cloud.outside.calls.lock();
    assert_eq!((calls[0].service.as_str(), calls[0].operation.as_str()), ("sqs", "sendMessage"));
    assert_eq!(calls[0].input, json!({"QueueUrl": "u", "MessageBody": "2030-03-01T12:30:00Z"}));
}

#[tokio::test]
async fn an_event_bus_gets_an_event_and_says_if_it_refuses_it() {
    let bus = "arn:aws:events:us-east-1:000000000000:event-bus/default";
    let said = json!({"DetailType": "t", "Source": "s"});
    let more = json!({"Input": "{\"a\":1}", "EventBridgeParameters": said});
    let cloud = once(to(bus, more)).await;
    let call = cloud.outside.calls.lock()[0].clone();
    assert_eq!((call.service.as_str(), call.operation.as_str()), ("eventbridge", "putEvents"));
    let entry = &call.input["Entries"][0];
    assert_eq!([&entry["Source"], &entry["DetailType"], &entry["Detail"]], ["s", "t", "{\"a\":1}"]);
    assert_eq!(entry["EventBusName"], bus);

    let refusing = Cloud::new().await;
    *refusing.outside.answer.lock() = json!({"FailedEntryCount": 1, "Entries": [{"ErrorMessage": "no"}]});
    let dead = json!({"Arn": "arn:aws:sqs:us-east-1:000000000000:dead"});
    let more = json!({"Input": "{}", "EventBridgeParameters": said, "DeadLetterConfig": dead});
    refusing.schedule("s", "at(2030-03-01T12:30:00)", to(bus, more)).await;
    refusing.advance(40).await;
    assert_eq!(refusing.bodies("dead"), ["{}"]);
}

#[tokio::test]
async fn what_is_given_up_goes_to_the_queue_for_it_and_says_why() {
    let dead = json!({"Arn": "arn:aws:sqs:us-east-1:000000000000:dead"});
    let policy = json!({"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 3600});
    let more = json!({"Input": "\"x\"", "DeadLetterConfig": dead, "RetryPolicy": policy});
    let cloud = Cloud::new().await;
    *cloud.outside.busy.lock() = 100;
    cloud.schedule("s", "at(2030-03-01T12:30:00)", to(FUNCTION, more)).await;
    cloud.advance(24 * 60).await;
    assert_eq!(cloud.bodies("dead"), ["\"x\""]);
    let queued = cloud.outside.queued.lock();
    let said = |name: &str| text(&queued[0].1, name).unwrap();
    assert_eq!(said("ERROR_CODE"), "ServiceUnavailable");
    assert_eq!(said("ERROR_MESSAGE"), "later");
    assert_eq!(said("RETRY_ATTEMPTS"), "3");
    assert_eq!(said("EXHAUSTED_RETRY_CONDITION"), "MaximumRetryAttempts");
    assert_eq!(said("SCHEDULED_TIME"), "2030-03-01T12:30:00Z");
    assert_eq!(said("SCHEDULE_ARN"), "arn:aws:scheduler:us-east-1:000000000000:schedule/default/s");
    assert_eq!(said("TARGET_ARN"), FUNCTION);
    assert_eq!(said("IS_PAYLOAD_TRUNCATED"), "false");
    assert_eq!(cloud.measured("InvocationDroppedCount", "default"), 1);
    assert_eq!(cloud.measured("InvocationsSentToDeadLetterCount", "default"), 1);
    assert_eq!(*cloud.outside.busy.lock(), 96, "one call and three retries");
}

#[tokio::test]
async fn it_is_given_up_when_it_is_too_old() {
    let dead = json!({"Arn": "arn:aws:sqs:us-east-1:000000000000:dead"});
    let more = json!({"Input": "1", "DeadLetterConfig": dead, "RetryPolicy": {"MaximumEventAgeInSeconds": 60}});
    let cloud = Cloud::new().await;
    *cloud.outside.busy.lock() = 1_000;
    cloud.schedule("s", "at(2030-03-01T12:30:00)", to(FUNCTION, more)).await;
    cloud.advance(32).await;
    let queued = cloud.outside.queued.lock();
    assert_eq!(text(&queued[0].1, "EXHAUSTED_RETRY_CONDITION").unwrap(), "MaximumEventAgeInSeconds");
}

#[tokio::test]
async fn what_nothing_here_runs_is_kept_and_its_occurrences_are_given_up_at_once() {
    let dead = json!({"Arn": "arn:aws:sqs:us-east-1:000000000000:dead"});
    let stream = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
    let more = json!({"Input": "1", "DeadLetterConfig": dead, "KinesisParameters": {"PartitionKey": "k"}});
    let cloud = once(to(stream, more)).await;
    let shown = cloud.ok("GetSchedule", json!({"Name": "s"})).await;
    assert_eq!(shown["Target"]["KinesisParameters"], json!({"PartitionKey": "k"}));
    let queued = cloud.outside.queued.lock();
    assert_eq!(text(&queued[0].1, "ERROR_CODE").unwrap(), "NotImplemented");
    assert_eq!(text(&queued[0].1, "RETRY_ATTEMPTS").unwrap(), "0");
    assert_eq!(text(&queued[0].1, "EXHAUSTED_RETRY_CONDITION"), None);
}

#[tokio::test]
async fn a_queue_for_dead_letters_that_is_gone_is_counted() {
    let dead = json!({"Arn": "arn:aws:sqs:us-east-1:000000000000:gone"});
    let cloud =
        once(to("arn:aws:sqs:us-east-1:000000000000:gone", json!({"Input": "1", "DeadLetterConfig": dead}))).await;
    assert_eq!(cloud.measured("InvocationDroppedCount", "default"), 1);
    assert_eq!(cloud.measured("InvocationsFailedToBeSentToDeadLetterCount", "default"), 1);
}
