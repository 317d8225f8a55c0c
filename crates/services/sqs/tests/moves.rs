//! Moving dead letters.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Queues, Refusal};

struct Letters {
    queues: Queues,
    dlq: String,
    fifo: bool,
}

fn arn(url: &str) -> String {
    format!("arn:aws:sqs:us-east-1:000000000000:{}", url.rsplit('/').next().unwrap())
}

impl Letters {
    async fn new(fifo: bool) -> Self {
        let queues = Queues::new();
        let mut letters = Self { queues, dlq: String::new(), fifo };
        letters.dlq = letters.queue("dlq", json!({})).await;
        letters
    }

    async fn queue(&self, name: &str, mut attributes: Value) -> String {
        let mut name = name.to_owned();
        if self.fifo {
            name.push_str(".fifo");
            attributes["FifoQueue"] = "true".into();
        }
        self.queues.queue(&name, attributes).await
    }

    /// A queue whose messages are dead after they were received once.
    async fn source(&self, name: &str) -> String {
        let policy = json!({ "deadLetterTargetArn": arn(&self.dlq), "maxReceiveCount": 1 }).to_string();
        self.queue(name, json!({ "RedrivePolicy": policy, "VisibilityTimeout": "0" })).await
    }

    async fn send(&self, url: &str, body: &str) -> Value {
        let mut input = json!({ "QueueUrl": url, "MessageBody": body });
        if self.fifo {
            input["MessageGroupId"] = body.split('-').next().unwrap().into();
            input["MessageDeduplicationId"] = body.into();
        }
        self.queues.ok("SendMessage", input).await
    }

    /// Up to ten, which come back after so long.
    async fn receive(&self, url: &str, seconds: u32) -> Vec<Value> {
        let input = json!({
            "QueueUrl": url,
            "MaxNumberOfMessages": 10,
            "VisibilityTimeout": seconds,
            "MessageSystemAttributeNames": ["All"],
        });
        let answer = self.queues.ok("ReceiveMessage", input).await;
        answer.get("Messages").map_or_else(Vec::new, |found| found.as_array().unwrap().clone())
    }

    async fn bodies(&self, url: &str) -> Vec<String> {
        let found = self.receive(url, 0).await;
        found.iter().map(|message| message["Body"].as_str().unwrap().to_owned()).collect()
    }

    /// Sends one that is dead at once; its id.
    async fn dead(&self, source: &str, body: &str) -> Value {
        let sent = self.send(source, body).await;
        self.receive(source, 0).await;
        assert!(self.receive(source, 0).await.is_empty(), "it has become a dead letter");
        sent["MessageId"].clone()
    }

    async fn count(&self, url: &str) -> String {
        self.queues.attributes(url).await["ApproximateNumberOfMessages"].as_str().unwrap().to_owned()
    }

    async fn start(&self, more: Value) -> Result<String, Refusal> {
        let mut input = json!({ "SourceArn": arn(&self.dlq) });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let answer = self.queues.call("StartMessageMoveTask", input).await?;
        Ok(answer["TaskHandle"].as_str().unwrap().to_owned())
    }

    async fn refused(&self, more: Value) -> String {
        self.start(more).await.unwrap_err().message
    }

    async fn tasks(&self, most: u32) -> Vec<Value> {
        let input = json!({ "SourceArn": arn(&self.dlq), "MaxResults": most });
        let answer = self.queues.ok("ListMessageMoveTasks", input).await;
        answer["Results"].as_array().unwrap().clone()
    }

    async fn advance(&self, millis: u64) {
        self.queues.world.clock.advance(Duration::from_millis(millis));
        self.queues.timers.run_due().await.unwrap();
    }
}

#[tokio::test]
async fn dead_letters_go_back_to_where_they_came_from_as_new_messages() {
    let letters = Letters::new(false).await;
    let sources = [letters.source("a").await, letters.source("b").await];
    let first = letters.dead(&sources[0], "one").await;
    letters.dead(&sources[1], "two").await;
    letters.dead(&sources[0], "three").await;
    assert_eq!(letters.count(&letters.dlq).await, "3");
    letters.start(json!({})).await.unwrap();
    letters.advance(1).await;
    let task = &letters.tasks(1).await[0];
    assert_eq!((&task["Status"], &task["ApproximateNumberOfMessagesMoved"]), (&json!("COMPLETED"), &json!(3)));
    assert_eq!(task["ApproximateNumberOfMessagesToMove"], 3);
    assert!(task.get("TaskHandle").is_none() && task.get("DestinationArn").is_none());
    assert_eq!(letters.count(&letters.dlq).await, "0");
    assert_eq!((letters.count(&sources[0]).await, letters.count(&sources[1]).await), ("2".into(), "1".into()));
    let found = letters.receive(&sources[0], 0).await;
    assert_eq!((&found[0]["Body"], &found[1]["Body"]), (&json!("one"), &json!("three")));
    assert_ne!(found[0]["MessageId"], first);
    assert_eq!(found[0]["Attributes"]["ApproximateReceiveCount"], "1");
    assert!(found[0]["Attributes"].get("DeadLetterQueueSourceArn").is_none());
}

#[tokio::test]
async fn a_rate_is_kept_and_a_task_can_be_cancelled() {
    let letters = Letters::new(false).await;
    letters.source("a").await;
    let to = letters.queue("to", json!({})).await;
    for n in 0..5 {
        letters.send(&letters.dlq, &n.to_string()).await;
    }
    let handle = letters.start(json!({ "DestinationArn": arn(&to), "MaxNumberOfMessagesPerSecond": 1 })).await.unwrap();
    letters.advance(0).await;
    assert_eq!(letters.count(&to).await, "1");
    letters.advance(999).await;
    assert_eq!(letters.count(&to).await, "1", "one millisecond early");
    letters.advance(1).await;
    assert_eq!(letters.count(&to).await, "2");
    let task = &letters.tasks(10).await[0];
    assert_eq!((&task["Status"], &task["TaskHandle"]), (&json!("RUNNING"), &json!(handle)));
    assert_eq!((&task["DestinationArn"], &task["MaxNumberOfMessagesPerSecond"]), (&json!(arn(&to)), &json!(1)));
    assert!(letters.refused(json!({})).await.starts_with("There is already a task running."));
    let cancel = json!({ "TaskHandle": handle });
    let answer = letters.queues.ok("CancelMessageMoveTask", cancel.clone()).await;
    assert_eq!(answer, json!({ "ApproximateNumberOfMessagesMoved": 2 }));
    letters.advance(10_000).await;
    assert_eq!((letters.count(&to).await, letters.count(&letters.dlq).await), ("2".into(), "3".into()));
    assert_eq!(letters.tasks(1).await[0]["Status"], "CANCELLED");
    let refusal = letters.queues.refused("CancelMessageMoveTask", cancel).await;
    assert_eq!(refusal.message, "Only active tasks can be cancelled.");
}

#[tokio::test]
async fn a_fifo_queues_letters_keep_their_order_and_wait_behind_what_is_in_flight() {
    let letters = Letters::new(true).await;
    letters.source("a").await;
    let to = letters.queue("to", json!({})).await;
    for body in ["x-1", "y-1", "x-2", "y-2"] {
        letters.send(&letters.dlq, body).await;
    }
    let held = json!({ "QueueUrl": letters.dlq, "VisibilityTimeout": 30 });
    let held = letters.queues.ok("ReceiveMessage", held).await["Messages"][0]["Body"].clone();
    let (held, free) = if held == "x-1" { ("x", "y") } else { ("y", "x") };
    letters.start(json!({ "DestinationArn": arn(&to) })).await.unwrap();
    letters.advance(1).await;
    assert_eq!(letters.bodies(&to).await, [format!("{free}-1"), format!("{free}-2")]);
    assert_eq!(letters.tasks(1).await[0]["Status"], "COMPLETED");
    letters.advance(30_000).await;
    assert_eq!(letters.bodies(&letters.dlq).await, [format!("{held}-1"), format!("{held}-2")]);
}

#[tokio::test]
async fn a_letter_that_came_from_nowhere_ends_the_task() {
    let letters = Letters::new(false).await;
    let source = letters.source("a").await;
    letters.dead(&source, "one").await;
    letters.send(&letters.dlq, "sent here").await;
    letters.start(json!({})).await.unwrap();
    letters.advance(1).await;
    let task = &letters.tasks(1).await[0];
    assert_eq!((&task["Status"], &task["FailureReason"]), (&json!("FAILED"), &json!("CouldNotDetermineMessageSource")));
    assert_eq!(letters.bodies(&letters.dlq).await, ["sent here"], "it stays");
    assert_eq!(letters.bodies(&source).await, ["one"]);
}

#[tokio::test]
async fn what_cannot_be_moved_is_refused() {
    let letters = Letters::new(false).await;
    assert_eq!(letters.refused(json!({})).await, "Source queue must be configured as a Dead Letter Queue.");
    letters.source("a").await;
    let none = arn(&format!("{}-none", letters.dlq));
    assert_eq!(
        letters.refused(json!({ "DestinationArn": none })).await,
        "The resource that you specified for the DestinationArn parameter doesn't exist."
    );
    let refusal = letters.start(json!({ "SourceArn": none })).await.unwrap_err();
    assert_eq!(refusal.code, "ResourceNotFoundException");
    assert_eq!(refusal.message, "The resource that you specified for the SourceArn parameter doesn't exist.");
    let fifo = letters.queues.queue("f.fifo", json!({ "FifoQueue": "true" })).await;
    for (more, part) in [
        (json!({ "DestinationArn": arn(&letters.dlq) }), "different"),
        (json!({ "DestinationArn": arn(&fifo) }), "same type"),
        (json!({ "MaxNumberOfMessagesPerSecond": 501 }), "Must be between 1 and 500"),
    ] {
        let message = letters.refused(more).await;
        assert!(message.contains(part), "{message}");
    }
    let refusal = letters.queues.refused("CancelMessageMoveTask", json!({ "TaskHandle": "foobar" })).await;
    assert_eq!(refusal.message, "Value for parameter TaskHandle is invalid.");
    assert!(letters.tasks(10).await.is_empty());
}

#[tokio::test]
async fn the_latest_tasks_are_listed_and_go_with_their_queue() {
    let letters = Letters::new(false).await;
    letters.source("a").await;
    for _ in 0..12 {
        letters.start(json!({})).await.unwrap();
        letters.advance(1).await;
    }
    let tasks = letters.tasks(10).await;
    assert_eq!(tasks.len(), 10);
    assert!(tasks.is_sorted_by_key(|task| std::cmp::Reverse(task["StartedTimestamp"].as_i64().unwrap())));
    assert_eq!(letters.tasks(1).await, tasks[..1]);
    letters.queues.ok("DeleteQueue", json!({ "QueueUrl": letters.dlq })).await;
    letters.advance(60_000).await;
    letters.queue("dlq", json!({})).await;
    assert!(letters.tasks(10).await.is_empty());
}

#[tokio::test]
async fn many_letters_are_moved_in_many_transactions() {
    let letters = Letters::new(false).await;
    letters.source("a").await;
    let to = letters.queue("to", json!({})).await;
    let entries =
        |n: u32| (0..10).map(move |m| json!({ "Id": m.to_string(), "MessageBody": (n * 10 + m).to_string() }));
    for n in 0..35 {
        let entries: Vec<Value> = entries(n).collect();
        letters.queues.ok("SendMessageBatch", json!({ "QueueUrl": letters.dlq, "Entries": entries })).await;
    }
    letters.start(json!({ "DestinationArn": arn(&to) })).await.unwrap();
    for _ in 0..5 {
        letters.advance(0).await;
    }
    assert_eq!(letters.tasks(1).await[0]["Status"], "COMPLETED");
    assert_eq!((letters.count(&to).await, letters.count(&letters.dlq).await), ("350".into(), "0".into()));
    let first: Vec<u32> = letters.bodies(&to).await.iter().map(|body| body.parse().unwrap()).collect();
    assert_eq!(first, (0..10).collect::<Vec<_>>());
}
