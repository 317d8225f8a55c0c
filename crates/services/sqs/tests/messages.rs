//! Messages of standard queues.

use serde_json::{Value, json};

use crate::inbox::{Inbox, bodies, handle};

#[tokio::test]
async fn a_message_is_sent_received_once_and_deleted() {
    let inbox = Inbox::standard(json!({})).await;
    let before = inbox.queues.rows().await;
    let sent = inbox.send("hello").await;
    assert_eq!(sent["MD5OfMessageBody"], "5d41402abc4b2a76b9719d911017c592");
    assert!(sent.get("SequenceNumber").is_none());
    let found = inbox.receive(json!({})).await;
    assert_eq!(found[0]["MessageId"], sent["MessageId"]);
    assert_eq!(found[0]["MD5OfBody"], sent["MD5OfMessageBody"]);
    assert!(found[0].get("Attributes").is_none() && found[0].get("MessageAttributes").is_none());
    assert!(inbox.bodies().await.is_empty(), "in flight");
    inbox.delete(&handle(&found[0])).await;
    inbox.delete(&handle(&found[0])).await;
    inbox.advance(60_000);
    assert!(inbox.bodies().await.is_empty());
    assert_eq!(inbox.queues.rows().await, before + 1, "its count, and nothing else, is left");
}

#[tokio::test]
async fn a_message_returns_when_its_time_is_over() {
    let inbox = Inbox::standard(json!({ "VisibilityTimeout": "7" })).await;
    inbox.send("a").await;
    inbox.handle().await;
    inbox.advance(6_999);
    assert!(inbox.bodies().await.is_empty(), "one millisecond early");
    inbox.advance(1);
    let found = inbox.receive(json!({ "VisibilityTimeout": 2, "MessageSystemAttributeNames": ["All"] })).await;
    assert_eq!(found[0]["Attributes"]["ApproximateReceiveCount"], "2");
    inbox.advance(1_999);
    assert!(inbox.bodies().await.is_empty(), "the receive's own time counts");
    inbox.advance(1);
    assert_eq!(inbox.bodies().await, ["a"]);
}

#[tokio::test]
async fn nothing_is_held_back_by_a_visibility_of_zero() {
    let inbox = Inbox::standard(json!({})).await;
    inbox.send("a").await;
    for _ in 0..3 {
        assert_eq!(inbox.receive(json!({ "VisibilityTimeout": 0, "MaxNumberOfMessages": 10 })).await.len(), 1);
    }
}

#[tokio::test]
async fn messages_come_in_the_order_of_sending() {
    let inbox = Inbox::standard(json!({})).await;
    for n in 0..25 {
        inbox.send(&n.to_string()).await;
        inbox.advance(n % 3);
    }
    let mut all = Vec::new();
    for expected in [10, 10, 5, 0] {
        let some = inbox.bodies().await;
        assert_eq!(some.len(), expected);
        all.extend(some);
    }
    assert_eq!(all, (0..25).map(|n| n.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn delays_are_the_messages_or_the_queues() {
    let inbox = Inbox::standard(json!({ "DelaySeconds": "5" })).await;
    inbox.send("queue's").await;
    inbox.ok("SendMessage", json!({ "MessageBody": "own", "DelaySeconds": 2 })).await;
    inbox.ok("SendMessage", json!({ "MessageBody": "none", "DelaySeconds": 0 })).await;
    assert_eq!(inbox.counts().await, (1, 0, 2));
    assert_eq!(inbox.bodies().await, ["none"]);
    inbox.advance(1_999);
    assert!(inbox.bodies().await.is_empty());
    inbox.advance(1);
    assert_eq!(inbox.bodies().await, ["own"]);
    assert_eq!(inbox.counts().await, (0, 2, 1));
    inbox.advance(3_000);
    assert_eq!(inbox.bodies().await, ["queue's"]);
}

#[tokio::test]
async fn what_is_in_flight_can_be_changed() {
    let inbox = Inbox::standard(json!({})).await;
    inbox.send("a").await;
    let first = inbox.handle().await;
    inbox.change(&first, 100).await;
    inbox.advance(99_999);
    assert!(inbox.bodies().await.is_empty());
    inbox.change(&first, 0).await;
    let second = inbox.handle().await;
    inbox.change(&first, 500).await;
    inbox.advance(30_000);
    assert_eq!(inbox.bodies().await, ["a"], "the first handle changes nothing any more");
    inbox.delete(&second).await;
    inbox.advance(30_000);
    let third = inbox.handle().await;
    inbox.delete(&third).await;
    let refused =
        inbox.refused("ChangeMessageVisibility", json!({ "ReceiptHandle": third, "VisibilityTimeout": 1 })).await;
    assert_eq!(refused.code, "InvalidParameterValueException");
    let told = format!(
        "Value {third} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for \
         visibility timeout change."
    );
    assert_eq!(refused.message, told);
}

#[tokio::test]
async fn twelve_hours_are_the_longest_from_the_receive_on() {
    let inbox = Inbox::standard(json!({})).await;
    inbox.send("a").await;
    let handle = inbox.handle().await;
    inbox.change(&handle, 43_200).await;
    inbox.advance(1_000);
    let change = |seconds: u32| json!({ "ReceiptHandle": handle, "VisibilityTimeout": seconds });
    let refused = inbox.refused("ChangeMessageVisibility", change(43_200)).await;
    assert!(refused.message.contains("Total VisibilityTimeout for the message is beyond the limit"), "{refused:?}");
    inbox.ok("ChangeMessageVisibility", change(43_199)).await;
    assert_eq!(inbox.refused("ChangeMessageVisibility", change(43_201)).await.code, "InvalidParameterValueException");
}

#[tokio::test]
async fn a_handle_deletes_until_the_message_was_received_again() {
    let inbox = Inbox::standard(json!({})).await;
    for body in ["a", "b"] {
        inbox.send(body).await;
    }
    let (first, second) = (inbox.handle().await, inbox.handle().await);
    inbox.advance(40_000);
    inbox.delete(&first).await;
    assert_eq!(inbox.bodies().await, ["b"]);
    inbox.delete(&second).await;
    inbox.advance(40_000);
    assert_eq!(inbox.bodies().await, ["b"], "answered with success, and the message stays");
}

#[tokio::test]
async fn what_is_no_handle_is_refused() {
    let inbox = Inbox::standard(json!({})).await;
    let refused = inbox.refused("DeleteMessage", json!({ "ReceiptHandle": "garbage" })).await;
    assert_eq!(refused.code, "ReceiptHandleIsInvalid");
    assert_eq!(refused.message, "The input receipt handle \"garbage\" is not a valid receipt handle.");
}

#[tokio::test]
async fn messages_are_kept_as_long_as_the_queue_says() {
    let inbox = Inbox::standard(json!({ "MessageRetentionPeriod": "60" })).await;
    let empty = inbox.queues.rows().await;
    inbox.send("old").await;
    inbox.advance(30_000);
    inbox.send("young").await;
    inbox.advance(29_999);
    assert_eq!(inbox.counts().await, (2, 0, 0));
    inbox.advance(1);
    assert_eq!(inbox.counts().await, (1, 0, 0));
    assert_eq!(inbox.bodies().await, ["young"]);
    inbox.advance(30_000);
    assert!(inbox.bodies().await.is_empty(), "what is in flight expires, too");
    assert_eq!(inbox.counts().await, (0, 0, 0));
    assert_eq!(inbox.queues.rows().await, empty + 1);
}

#[tokio::test]
async fn expired_messages_in_front_hide_nothing() {
    let inbox = Inbox::standard(json!({ "MessageRetentionPeriod": "60" })).await;
    for n in 0..40 {
        inbox.send(&n.to_string()).await;
    }
    inbox.advance(60_000);
    inbox.send("young").await;
    assert_eq!(inbox.bodies().await, ["young"]);
}

#[tokio::test]
async fn dead_letters_go_where_the_queue_says_and_keep_what_is_known_of_them() {
    let inbox = Inbox::standard(json!({})).await;
    let dead = inbox.beside("dead", json!({})).await;
    let policy = json!({ "deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:dead", "maxReceiveCount": 2 });
    let attributes = json!({ "RedrivePolicy": policy.to_string() });
    inbox.ok("SetQueueAttributes", json!({ "Attributes": attributes })).await;
    let sent = inbox.send("a").await;
    inbox.advance(10);
    for _ in 0..2 {
        assert_eq!(inbox.bodies().await, ["a"]);
        inbox.advance(30_000);
    }
    assert!(inbox.bodies().await.is_empty());
    assert_eq!(inbox.counts().await, (0, 0, 0));
    let asked = json!({ "QueueUrl": dead, "MessageSystemAttributeNames": ["All"] });
    let found = inbox.receive(asked).await;
    assert_eq!(found[0]["MessageId"], sent["MessageId"]);
    let attributes = &found[0]["Attributes"];
    assert_eq!(attributes["ApproximateReceiveCount"], "3");
    assert_eq!(attributes["DeadLetterQueueSourceArn"], "arn:aws:sqs:us-east-1:000000000000:q");
    let millis = |name: &str| attributes[name].as_str().unwrap().parse::<i64>().unwrap();
    assert_eq!(millis("ApproximateFirstReceiveTimestamp") - millis("SentTimestamp"), 10);
    inbox.ok("DeleteMessage", json!({ "QueueUrl": dead, "ReceiptHandle": handle(&found[0]) })).await;
    assert_eq!(inbox.queues.attributes(&dead).await["ApproximateNumberOfMessages"], "0");
}

#[tokio::test]
async fn dead_letters_in_front_hide_nothing_from_whoever_asks_for_one() {
    let inbox = Inbox::standard(json!({ "VisibilityTimeout": "1" })).await;
    inbox.beside("dead", json!({})).await;
    let policy = json!({ "deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:dead", "maxReceiveCount": 1 });
    inbox.ok("SetQueueAttributes", json!({ "Attributes": { "RedrivePolicy": policy.to_string() } })).await;
    for n in 0..40 {
        inbox.send(&n.to_string()).await;
    }
    for _ in 0..4 {
        assert_eq!(inbox.bodies().await.len(), 10);
    }
    inbox.advance(1_000);
    inbox.send("behind").await;
    assert_eq!(bodies(&inbox.receive(json!({})).await), ["behind"]);
    assert_eq!(inbox.counts().await, (0, 1, 0));
}

#[tokio::test]
async fn without_a_queue_for_them_dead_letters_stay() {
    let inbox = Inbox::standard(json!({})).await;
    let dead = inbox.beside("dead", json!({})).await;
    let policy = json!({ "deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:dead", "maxReceiveCount": 1 });
    inbox.ok("SetQueueAttributes", json!({ "Attributes": { "RedrivePolicy": policy.to_string() } })).await;
    inbox.ok("DeleteQueue", json!({ "QueueUrl": dead })).await;
    inbox.send("a").await;
    for _ in 0..3 {
        assert_eq!(inbox.bodies().await, ["a"]);
        inbox.advance(30_000);
    }
}

fn text(value: &str) -> Value {
    json!({ "DataType": "String", "StringValue": value })
}

#[tokio::test]
async fn attributes_are_given_to_whoever_asks_for_them() {
    let inbox = Inbox::standard(json!({ "VisibilityTimeout": "0" })).await;
    let attributes = json!({ "Hello": text("There"), "General": text("Kenobi"), "Help.Me": text("Me") });
    let trace = "Root=1-3152b799-8954dae64eda91bc9a23a7e8;Sampled=1";
    let system = json!({ "AWSTraceHeader": text(trace) });
    let input = json!({ "MessageBody": "msg", "MessageAttributes": attributes, "MessageSystemAttributes": system });
    let sent = inbox.ok("SendMessage", input).await;
    assert_eq!(sent["MD5OfMessageAttributes"], "4c360f3fdafd970e05fae2f149d997f5");
    assert!(sent["MD5OfMessageSystemAttributes"].is_string());
    for (asked, md5, count) in [
        (json!([]), None, 0),
        (json!(["All"]), Some("4c360f3fdafd970e05fae2f149d997f5"), 3),
        (json!([".*"]), Some("4c360f3fdafd970e05fae2f149d997f5"), 3),
        (json!(["Hel.*"]), Some("83fee93c1bcd8b9a5a923ffacdc636c7"), 2),
        (json!(["Hello", "Nobody"]), Some("a311262e065454b75da111d535b8dacd"), 1),
        (json!(["Nobody"]), None, 0),
    ] {
        let found = inbox.receive(json!({ "MessageAttributeNames": asked })).await;
        assert_eq!(found[0].get("MD5OfMessageAttributes").and_then(Value::as_str), md5, "{asked}");
        assert_eq!(found[0].get("MessageAttributes").map_or(0, |all| all.as_object().unwrap().len()), count);
    }
    let found = inbox
        .receive(json!({ "AttributeNames": ["SenderId"], "MessageSystemAttributeNames": ["AWSTraceHeader"] }))
        .await;
    assert_eq!(found[0]["Attributes"], json!({ "AWSTraceHeader": trace, "SenderId": "000000000000" }));
    let refused = inbox.refused("ReceiveMessage", json!({ "AttributeNames": ["Nothing"] })).await;
    assert_eq!(
        (refused.code.as_str(), refused.message.as_str()),
        ("InvalidAttributeName", "Unknown Attribute Nothing.")
    );
}

#[tokio::test]
async fn sizes_are_the_queues() {
    let inbox = Inbox::standard(json!({ "MaximumMessageSize": "1024" })).await;
    inbox.send(&"a".repeat(1024)).await;
    let refused = inbox.refused("SendMessage", json!({ "MessageBody": "a".repeat(1025) })).await;
    assert_eq!(refused.code, "InvalidParameterValueException");
    assert_eq!(refused.message, "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.");
    let refused = inbox.refused("SendMessage", json!({ "MessageBody": "" })).await;
    assert_eq!(refused.code, "MissingRequiredParameterException");
    assert_eq!(refused.message, "The request must contain the parameter MessageBody.");
}

#[tokio::test]
async fn the_largest_message_is_whole_again_and_leaves_nothing() {
    let inbox = Inbox::standard(json!({})).await;
    let empty = inbox.queues.rows().await;
    let body: String = (0..1 << 20).map(|n: u32| char::from(b'a' + (n % 23) as u8)).collect();
    inbox.send(&body).await;
    assert!(inbox.queues.rows().await > empty + 4);
    let found = inbox.receive(json!({})).await;
    assert!(found[0]["Body"] == body.as_str());
    inbox.delete(&handle(&found[0])).await;
    assert_eq!(inbox.queues.rows().await, empty + 1);
}

#[tokio::test]
async fn batches_fail_entry_by_entry() {
    let inbox = Inbox::standard(json!({ "MaximumMessageSize": "1024" })).await;
    let entries = json!([
        { "Id": "large", "MessageBody": "a".repeat(1025) },
        { "Id": "good", "MessageBody": "b" },
        { "Id": "late", "MessageBody": "c", "DelaySeconds": 901 },
        { "Id": "bad", "MessageBody": "\u{0}" },
    ]);
    let answer = inbox.ok("SendMessageBatch", json!({ "Entries": entries })).await;
    assert_eq!(answer["Successful"].as_array().unwrap().len(), 1);
    assert_eq!(answer["Successful"][0]["Id"], "good");
    let failed: Vec<_> = answer["Failed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| (e["Id"].as_str().unwrap(), e["Code"].as_str().unwrap(), e["SenderFault"].as_bool().unwrap()))
        .collect();
    let told = [
        ("large", "InvalidParameterValue", true),
        ("late", "InvalidParameterValue", true),
        ("bad", "InvalidMessageContents", true),
    ];
    assert_eq!(failed.len(), 3);
    for one in told {
        assert!(failed.contains(&one), "{one:?} {failed:?}");
    }
    let found = inbox.receive(json!({ "MaxNumberOfMessages": 10 })).await;
    assert_eq!(bodies(&found), ["b"]);
    let entries = json!([{ "Id": "1", "ReceiptHandle": handle(&found[0]) }, { "Id": "2", "ReceiptHandle": "x" }]);
    let changes = json!([{ "Id": "1", "ReceiptHandle": handle(&found[0]), "VisibilityTimeout": 5 }, { "Id": "2", "ReceiptHandle": "x", "VisibilityTimeout": 5 }]);
    for answer in [
        inbox.ok("ChangeMessageVisibilityBatch", json!({ "Entries": changes })).await,
        inbox.ok("DeleteMessageBatch", json!({ "Entries": entries })).await,
    ] {
        assert_eq!(answer["Successful"], json!([{ "Id": "1" }]));
        assert_eq!(answer["Failed"][0]["Code"], "ReceiptHandleIsInvalid");
    }
    inbox.advance(100_000);
    assert!(inbox.bodies().await.is_empty());
}

#[tokio::test]
async fn a_batch_has_at_most_a_mebibyte() {
    let inbox = Inbox::standard(json!({})).await;
    let half = "a".repeat(1 << 19);
    let entry = |id: &str, body: &str| json!({ "Id": id, "MessageBody": body });
    inbox.ok("SendMessageBatch", json!({ "Entries": [entry("1", &half), entry("2", &half)] })).await;
    let more = json!({ "Entries": [entry("1", &half), entry("2", &half), entry("3", "a")] });
    let refused = inbox.refused("SendMessageBatch", more).await;
    assert_eq!(refused.code, "BatchRequestTooLong");
    assert_eq!(refused.message, "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.");
}

#[tokio::test]
async fn standard_queues_know_groups_and_no_duplicates() {
    let inbox = Inbox::standard(json!({})).await;
    for body in ["a", "b"] {
        inbox.ok("SendMessage", json!({ "MessageBody": body, "MessageGroupId": "g" })).await;
    }
    let found =
        inbox.receive(json!({ "MaxNumberOfMessages": 10, "MessageSystemAttributeNames": ["MessageGroupId"] })).await;
    assert_eq!(found.len(), 2, "a group of a standard queue holds nothing back");
    assert_eq!(found[1]["Attributes"]["MessageGroupId"], "g");
    let refused = inbox.refused("SendMessage", json!({ "MessageBody": "a", "MessageDeduplicationId": "d" })).await;
    assert_eq!(refused.code, "InvalidParameterValueException");
}

#[tokio::test]
async fn of_one_message_a_batch_of_deletions_may_name_several_handles() {
    let inbox = Inbox::standard(json!({ "VisibilityTimeout": "1" })).await;
    inbox.send("1").await;
    let stale = inbox.handle().await;
    inbox.advance(1_000);
    let current = inbox.handle().await;
    let entry = |id: &str, handle: &str| json!({ "Id": id, "ReceiptHandle": handle });
    let entries = [entry("a", &stale), entry("b", &current), entry("c", &current), entry("d", &stale)];
    let answer = inbox.ok("DeleteMessageBatch", json!({ "Entries": entries })).await;
    assert_eq!(answer["Successful"].as_array().unwrap().len(), 4, "{answer}");
    assert_eq!(inbox.counts().await, (0, 0, 0), "it is counted once");
    inbox.send("2").await;
    assert_eq!(inbox.bodies().await, ["2"]);
}

#[tokio::test]
async fn a_handle_must_be_there() {
    let inbox = Inbox::standard(json!({})).await;
    let refused = inbox.refused("DeleteMessage", json!({ "ReceiptHandle": "" })).await;
    assert_eq!(refused.code, "MissingRequiredParameterException");
    assert_eq!(refused.message, "The request must contain the parameter ReceiptHandle.");
}
