//! Messages of FIFO queues.

use serde_json::{Value, json};

use crate::inbox::{Inbox, bodies, handle};

async fn all(inbox: &Inbox) -> Vec<Value> {
    inbox.receive(json!({ "MaxNumberOfMessages": 10 })).await
}

#[tokio::test]
async fn a_group_comes_in_order_and_is_blocked_while_in_flight() {
    let inbox = Inbox::fifo(json!({})).await;
    let empty = inbox.queues.rows().await;
    for body in ["1", "2", "3"] {
        inbox.post("g", body).await;
    }
    let first = inbox.handle().await;
    assert!(inbox.bodies().await.is_empty(), "blocked");
    inbox.delete(&first).await;
    let rest = all(&inbox).await;
    assert_eq!(bodies(&rest), ["2", "3"]);
    inbox.post("g", "4").await;
    inbox.delete(&handle(&rest[0])).await;
    assert!(inbox.bodies().await.is_empty(), "3 is in flight");
    inbox.delete(&handle(&rest[1])).await;
    let last = inbox.handle().await;
    inbox.delete(&last).await;
    assert!(inbox.bodies().await.is_empty());
    assert_eq!(inbox.counts().await, (0, 0, 0));
    // Ids are remembered for five minutes, and forgotten with what is sent afterwards.
    inbox.advance(300_000);
    for body in ["5", "6"] {
        inbox.post("g", body).await;
        let last = inbox.handle().await;
        inbox.delete(&last).await;
    }
    inbox.bodies().await;
    assert_eq!(inbox.queues.rows().await, empty + 1 + 2 * 2, "its count, and two ids");
}

#[tokio::test]
async fn a_group_goes_on_where_it_was_when_its_time_is_over() {
    let inbox = Inbox::fifo(json!({ "VisibilityTimeout": "10" })).await;
    for body in ["1", "2", "3"] {
        inbox.post("g", body).await;
    }
    let found = all(&inbox).await;
    assert_eq!(bodies(&found), ["1", "2", "3"]);
    inbox.delete(&handle(&found[0])).await;
    inbox.advance(9_999);
    assert!(inbox.bodies().await.is_empty());
    inbox.advance(1);
    assert_eq!(inbox.bodies().await, ["2", "3"]);
}

#[tokio::test]
async fn only_what_is_in_front_of_a_group_counts() {
    for index in [1, 2] {
        let inbox = Inbox::fifo(json!({ "VisibilityTimeout": "10" })).await;
        for body in ["1", "2", "3"] {
            inbox.post("g", body).await;
        }
        let found = all(&inbox).await;
        inbox.change(&handle(&found[index]), 100).await;
        inbox.advance(10_000);
        assert_eq!(inbox.bodies().await.len(), index, "up to the first that is in flight");
    }
    let inbox = Inbox::fifo(json!({ "VisibilityTimeout": "10" })).await;
    for body in ["1", "2", "3"] {
        inbox.post("g", body).await;
    }
    let found = all(&inbox).await;
    inbox.change(&handle(&found[1]), 0).await;
    assert!(inbox.bodies().await.is_empty(), "2 can be seen, and 1 is in front of it");
    inbox.change(&handle(&found[0]), 0).await;
    assert_eq!(inbox.bodies().await, ["1", "2"]);
}

#[tokio::test]
async fn groups_dont_hold_each_other_back() {
    let inbox = Inbox::fifo(json!({})).await;
    for (group, body) in [("a", "a1"), ("b", "b1"), ("a", "a2"), ("b", "b2"), ("c", "c1")] {
        inbox.post(group, body).await;
        inbox.advance(1);
    }
    let one = inbox.receive(json!({})).await;
    assert_eq!(bodies(&one), ["a1"]);
    assert_eq!(inbox.bodies().await, ["b1", "b2", "c1"]);
    inbox.delete(&handle(&one[0])).await;
    assert_eq!(inbox.bodies().await, ["a2"]);
}

#[tokio::test]
async fn many_blocked_groups_hide_no_other() {
    let inbox = Inbox::fifo(json!({ "VisibilityTimeout": "600" })).await;
    for n in 0..150 {
        inbox.post(&format!("g{n}"), &format!("{n}")).await;
    }
    for _ in 0..15 {
        assert_eq!(inbox.bodies().await.len(), 10);
    }
    for n in 0..150 {
        inbox.post(&format!("g{n}"), &format!("{n}-again")).await;
    }
    inbox.post("z", "z").await;
    assert_eq!(inbox.bodies().await, ["z"]);
    assert_eq!(inbox.counts().await, (150, 151, 0));
}

#[tokio::test]
async fn a_duplicate_is_told_what_the_first_was() {
    let inbox = Inbox::fifo(json!({})).await;
    let send = |id: &str, group: &str, body: &str| json!({ "MessageBody": body, "MessageGroupId": group, "MessageDeduplicationId": id });
    let first = inbox.ok("SendMessage", send("d", "g", "1")).await;
    let second = inbox.ok("SendMessage", send("d", "h", "2")).await;
    assert_eq!((&first["MessageId"], &first["SequenceNumber"]), (&second["MessageId"], &second["SequenceNumber"]));
    assert_eq!(second["MD5OfMessageBody"], "c81e728d9d4c2f636f067f89cc14862c");
    let one = inbox.handle().await;
    inbox.delete(&one).await;
    assert!(inbox.bodies().await.is_empty());
    inbox.advance(299_999);
    inbox.ok("SendMessage", send("d", "g", "3")).await;
    assert!(inbox.bodies().await.is_empty(), "deleted or not, five minutes are remembered");
    inbox.advance(1);
    let fourth = inbox.ok("SendMessage", send("d", "g", "4")).await;
    assert_ne!(fourth["MessageId"], first["MessageId"]);
    assert!(fourth["SequenceNumber"].as_str() > first["SequenceNumber"].as_str());
    assert_eq!(inbox.bodies().await, ["4"]);
    inbox.ok("SendMessage", send("d", "g", "5")).await;
    assert_eq!(inbox.counts().await, (0, 1, 0), "it is the fourth's again");
}

#[tokio::test]
async fn duplicates_within_a_batch() {
    let inbox = Inbox::fifo(json!({ "ContentBasedDeduplication": "true" })).await;
    let entry = |id: &str, body: &str| json!({ "Id": id, "MessageBody": body, "MessageGroupId": "g" });
    let answer =
        inbox.ok("SendMessageBatch", json!({ "Entries": [entry("1", "a"), entry("2", "a"), entry("3", "b")] })).await;
    let sent = &answer["Successful"];
    assert_eq!(
        (&sent[0]["MessageId"], &sent[0]["SequenceNumber"]),
        (&sent[1]["MessageId"], &sent[1]["SequenceNumber"])
    );
    assert!(sent[1]["SequenceNumber"].as_str() < sent[2]["SequenceNumber"].as_str());
    let found = inbox.receive(json!({ "MaxNumberOfMessages": 10, "AttributeNames": ["All"] })).await;
    assert_eq!(bodies(&found), ["a", "b"]);
    let attributes = &found[1]["Attributes"];
    assert_eq!(attributes["SequenceNumber"], sent[2]["SequenceNumber"]);
    assert_eq!(attributes["MessageGroupId"], "g");
    assert_eq!(
        attributes["MessageDeduplicationId"],
        "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d"
    );
}

#[tokio::test]
async fn in_high_throughput_each_group_tells_its_own_duplicates() {
    let high = json!({ "DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId" });
    let inbox = Inbox::fifo(json!({})).await;
    let send = |id: &str, group: &str| json!({ "MessageBody": format!("{id}{group}"), "MessageGroupId": group, "MessageDeduplicationId": id });
    inbox.ok("SendMessage", send("d", "g")).await;
    inbox.ok("SetQueueAttributes", json!({ "Attributes": high })).await;
    inbox.ok("SendMessage", send("d", "h")).await;
    assert_eq!(inbox.bodies().await, ["dg"], "what was the whole queue's still is");
    for group in ["g", "h", "g"] {
        inbox.advance(1);
        inbox.ok("SendMessage", send("e", group)).await;
    }
    assert_eq!(inbox.counts().await, (2, 1, 0));
    let low = json!({ "DeduplicationScope": "queue", "FifoThroughputLimit": "perQueue" });
    inbox.ok("SetQueueAttributes", json!({ "Attributes": low })).await;
    inbox.ok("SendMessage", send("e", "i")).await;
    assert_eq!(inbox.counts().await, (3, 1, 0), "what was a group's is not the queue's");
}

#[tokio::test]
async fn what_a_fifo_queue_needs() {
    let inbox = Inbox::fifo(json!({})).await;
    let refused = inbox.refused("SendMessage", json!({ "MessageBody": "a" })).await;
    assert_eq!(refused.code, "MissingRequiredParameterException");
    assert_eq!(refused.message, "The request must contain the parameter MessageGroupId.");
    let refused = inbox.refused("SendMessage", json!({ "MessageBody": "a", "MessageGroupId": "g" })).await;
    assert_eq!(
        refused.message,
        "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"
    );
    let entries = json!([{ "Id": "1", "MessageBody": "a" }]);
    let refused = inbox.refused("SendMessageBatch", json!({ "Entries": entries })).await;
    assert_eq!(refused.code, "InvalidParameterValueException");
    let late = json!({ "MessageBody": "a", "MessageGroupId": "g", "MessageDeduplicationId": "d", "DelaySeconds": 2 });
    let refused = inbox.refused("SendMessage", late).await;
    assert_eq!(
        refused.message,
        "Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this \
         queue type."
    );
}

#[tokio::test]
async fn the_queues_delay_holds_groups_back() {
    let inbox = Inbox::fifo(json!({ "DelaySeconds": "2" })).await;
    inbox.post("g", "1").await;
    inbox.advance(1_000);
    inbox.post("g", "2").await;
    assert_eq!(inbox.counts().await, (0, 0, 2));
    inbox.advance(999);
    assert!(inbox.bodies().await.is_empty());
    inbox.advance(1);
    let one = all(&inbox).await;
    assert_eq!(bodies(&one), ["1"]);
    assert_eq!(inbox.counts().await, (0, 1, 1));
    inbox.delete(&handle(&one[0])).await;
    assert!(inbox.bodies().await.is_empty());
    inbox.advance(1_000);
    assert_eq!(inbox.bodies().await, ["2"]);
}

#[tokio::test]
async fn expired_handles_are_refused() {
    let inbox = Inbox::fifo(json!({ "VisibilityTimeout": "5" })).await;
    inbox.post("g", "1").await;
    let handle = inbox.handle().await;
    inbox.advance(4_999);
    inbox.change(&handle, 3).await;
    inbox.advance(3_000);
    let told =
        format!("Value {handle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.");
    for again in [false, true] {
        if again {
            inbox.handle().await;
        }
        let refused = inbox.refused("DeleteMessage", json!({ "ReceiptHandle": handle })).await;
        assert_eq!((refused.code.as_str(), &refused.message), ("InvalidParameterValueException", &told));
    }
}

#[tokio::test]
async fn an_attempt_is_given_the_same_again() {
    let inbox = Inbox::fifo(json!({ "VisibilityTimeout": "10" })).await;
    for body in ["1", "2"] {
        inbox.post("g", body).await;
    }
    let ask = json!({ "MaxNumberOfMessages": 2, "ReceiveRequestAttemptId": "try" });
    let first = inbox.receive(ask.clone()).await;
    inbox.advance(6_000);
    let second = inbox.receive(ask.clone()).await;
    let handles = |found: &[Value]| found.iter().map(handle).collect::<Vec<_>>();
    assert_eq!(handles(&first), handles(&second));
    assert_eq!(bodies(&second), ["1", "2"]);
    inbox.advance(6_000);
    inbox.advance(4_000);
    assert_eq!(bodies(&inbox.receive(ask.clone()).await), ["1", "2"], "its time is over, so it is another attempt");
    inbox.advance(300_000);
    assert_eq!(bodies(&inbox.receive(ask).await), ["1", "2"]);
}

#[tokio::test]
async fn an_attempt_of_which_something_was_changed_is_over() {
    let inbox = Inbox::fifo(json!({ "VisibilityTimeout": "600" })).await;
    for body in ["1", "2", "3"] {
        inbox.post(body, body).await;
    }
    let ask = |id: &str| json!({ "ReceiveRequestAttemptId": id });
    let first = inbox.receive(ask("a")).await;
    inbox.delete(&handle(&first[0])).await;
    let second = inbox.receive(ask("b")).await;
    inbox.change(&handle(&second[0]), 700).await;
    for id in ["a", "b"] {
        let told = format!(
            "Value {id} for parameter ReceiveRequestAttemptId is invalid. Reason: The receiveRequestAttemptId is not valid \
             anymore since the receive call is not retryable."
        );
        let refused = inbox.refused("ReceiveMessage", ask(id)).await;
        assert_eq!((refused.code.as_str(), refused.message), ("InvalidParameterValueException", told));
    }
    inbox.advance(300_000);
    assert_eq!(bodies(&inbox.receive(ask("a")).await), ["3"], "after five minutes it is an attempt as any other");
    let refused = inbox.refused("ReceiveMessage", ask(&"a".repeat(129))).await;
    assert!(refused.message.ends_with("1 to 128 in length."), "{refused:?}");
}

#[tokio::test]
async fn dead_letters_of_a_group() {
    let inbox = Inbox::fifo(json!({ "VisibilityTimeout": "1" })).await;
    let dead = inbox.beside("dead.fifo", json!({ "FifoQueue": "true" })).await;
    let policy = json!({ "deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:dead.fifo", "maxReceiveCount": 1 });
    inbox.ok("SetQueueAttributes", json!({ "Attributes": { "RedrivePolicy": policy.to_string() } })).await;
    for body in ["1", "2"] {
        inbox.post("g", body).await;
    }
    assert_eq!(all(&inbox).await.len(), 2);
    inbox.post("g", "3").await;
    inbox.advance(1_000);
    assert_eq!(inbox.bodies().await, ["3"], "what was behind dead letters comes along with their going");
    assert_eq!(inbox.counts().await, (0, 1, 0));
    let found = inbox.receive(json!({ "QueueUrl": dead, "MaxNumberOfMessages": 10, "AttributeNames": ["All"] })).await;
    assert_eq!(bodies(&found), ["1", "2"]);
    assert_eq!(found[0]["Attributes"]["MessageGroupId"], "g");
    for message in &found {
        inbox.ok("DeleteMessage", json!({ "QueueUrl": dead, "ReceiptHandle": handle(message) })).await;
    }
}

#[tokio::test]
async fn dead_letters_in_front_take_no_room_of_what_is_behind_them() {
    let inbox = Inbox::fifo(json!({ "VisibilityTimeout": "1" })).await;
    inbox.beside("dead.fifo", json!({ "FifoQueue": "true" })).await;
    let policy = json!({ "deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:dead.fifo", "maxReceiveCount": 1 });
    inbox.ok("SetQueueAttributes", json!({ "Attributes": { "RedrivePolicy": policy.to_string() } })).await;
    for body in 0..3 {
        inbox.post("g", &body.to_string()).await;
    }
    assert_eq!(all(&inbox).await.len(), 3);
    for body in 3..8 {
        inbox.post("g", &body.to_string()).await;
    }
    inbox.advance(1_000);
    let found = inbox.receive(json!({ "MaxNumberOfMessages": 4 })).await;
    assert_eq!(bodies(&found), ["3", "4", "5", "6"]);
}

#[tokio::test]
async fn groups_expire() {
    let inbox = Inbox::fifo(json!({ "MessageRetentionPeriod": "60", "VisibilityTimeout": "1000" })).await;
    inbox.post("g", "1").await;
    inbox.handle().await;
    inbox.advance(30_000);
    inbox.post("g", "2").await;
    inbox.advance(30_000);
    assert_eq!(inbox.counts().await, (1, 0, 0));
    assert_eq!(inbox.bodies().await, ["2"], "what held it back has expired");
}
