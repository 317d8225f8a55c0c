//! One queue under test, and what is done with its messages.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Queues, Refusal};

pub(crate) struct Inbox {
    pub(crate) queues: Queues,
    pub(crate) url: String,
}

impl Inbox {
    pub(crate) async fn standard(attributes: Value) -> Self {
        let queues = Queues::new();
        let url = queues.queue("q", attributes).await;
        Self { queues, url }
    }

    /// `strict`: services need statements.
    pub(crate) async fn asking(strict: bool, attributes: Value) -> Self {
        let queues = Queues::asking(strict);
        let url = queues.queue("q", attributes).await;
        Self { queues, url }
    }

    pub(crate) async fn fifo(mut attributes: Value) -> Self {
        attributes["FifoQueue"] = "true".into();
        let queues = Queues::new();
        let url = queues.queue("q.fifo", attributes).await;
        Self { queues, url }
    }

    /// The same queue, as another node serves it.
    pub(crate) fn of_another_node(&self) -> Self {
        Self { queues: self.queues.another_node(), url: self.url.clone() }
    }

    /// Of a queue beside this one.
    pub(crate) async fn beside(&self, name: &str, attributes: Value) -> String {
        self.queues.queue(name, attributes).await
    }

    pub(crate) async fn call(&self, op: &str, mut input: Value) -> Result<Value, Refusal> {
        if input.get("QueueUrl").is_none() {
            input["QueueUrl"] = self.url.clone().into();
        }
        self.queues.call(op, input).await
    }

    pub(crate) async fn ok(&self, op: &str, input: Value) -> Value {
        self.call(op, input).await.unwrap_or_else(|refusal| panic!("{op}: {refusal:?}"))
    }

    pub(crate) async fn refused(&self, op: &str, input: Value) -> Refusal {
        self.call(op, input).await.expect_err(op)
    }

    pub(crate) async fn send(&self, body: &str) -> Value {
        self.ok("SendMessage", json!({ "MessageBody": body })).await
    }

    /// To a FIFO queue.
    pub(crate) async fn post(&self, group: &str, body: &str) -> Value {
        let input = json!({ "MessageBody": body, "MessageGroupId": group, "MessageDeduplicationId": body });
        self.ok("SendMessage", input).await
    }

    pub(crate) async fn receive(&self, input: Value) -> Vec<Value> {
        let answer = self.ok("ReceiveMessage", input).await;
        answer.get("Messages").map_or_else(Vec::new, |found| found.as_array().unwrap().clone())
    }

    /// Up to ten.
    pub(crate) async fn bodies(&self) -> Vec<String> {
        bodies(&self.receive(json!({ "MaxNumberOfMessages": 10 })).await)
    }

    /// One message's handle.
    pub(crate) async fn handle(&self) -> String {
        let found = self.receive(json!({})).await;
        handle(found.first().expect("a message"))
    }

    pub(crate) async fn delete(&self, handle: &str) {
        self.ok("DeleteMessage", json!({ "ReceiptHandle": handle })).await;
    }

    pub(crate) async fn change(&self, handle: &str, seconds: u32) {
        let input = json!({ "ReceiptHandle": handle, "VisibilityTimeout": seconds });
        self.ok("ChangeMessageVisibility", input).await;
    }

    /// Visible, not visible, delayed.
    pub(crate) async fn counts(&self) -> (u32, u32, u32) {
        let all = self.queues.attributes(&self.url).await;
        let of = |name: &str| all[name].as_str().unwrap().parse().unwrap();
        (
            of("ApproximateNumberOfMessages"),
            of("ApproximateNumberOfMessagesNotVisible"),
            of("ApproximateNumberOfMessagesDelayed"),
        )
    }

    pub(crate) fn advance(&self, millis: u64) {
        self.queues.world.clock.advance(Duration::from_millis(millis));
    }
}

pub(crate) fn handle(message: &Value) -> String {
    message["ReceiptHandle"].as_str().unwrap().to_owned()
}

pub(crate) fn bodies(messages: &[Value]) -> Vec<String> {
    messages.iter().map(|message| message["Body"].as_str().unwrap().to_owned()).collect()
}
