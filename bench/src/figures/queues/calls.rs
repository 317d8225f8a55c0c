//! Requests for queues.

use std::sync::Arc;

use anyhow::{Context, Result};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::aws;
use crate::load;
use crate::platform::Server;

/// Makes it; answers its URL.
pub(crate) fn create(server: &Server, name: &str) -> Result<String> {
    let answer = server.call(&aws::sqs(&server.host(), "CreateQueue", &json!({ "QueueName": name })))?;
    Ok(answer.get("QueueUrl").and_then(Value::as_str).context("no URL")?.to_owned())
}

fn body(n: usize) -> String {
    format!("{n:>1024}")
}

/// Messages of 1 KiB, one by one.
pub(crate) fn sends(server: &Server, queue: &str, count: usize) -> Arc<Vec<Bytes>> {
    let host = server.host();
    let send = |n| aws::sqs(&host, "SendMessage", &json!({ "QueueUrl": queue, "MessageBody": body(n) }));
    Arc::new((0..count).map(send).collect())
}

/// The same in batches of ten.
pub(crate) fn batches(server: &Server, queue: &str, count: usize) -> Arc<Vec<Bytes>> {
    let host = server.host();
    let batch = |first: usize| {
        let entry = |n: usize| json!({ "Id": n.to_string(), "MessageBody": body(n) });
        let entries: Vec<Value> = (first * 10..first * 10 + 10).map(entry).collect();
        aws::sqs(&host, "SendMessageBatch", &json!({ "QueueUrl": queue, "Entries": entries }))
    };
    Arc::new((0..count / 10).map(batch).collect())
}

/// Sends so many, in portions: a million requests at once would need the memory of a million messages.
pub(crate) fn fill(server: &Server, queue: &str, count: usize) -> Result<()> {
    let mut left = count;
    while left > 0 {
        let portion = left.min(50_000);
        load::run(server.address, &batches(server, queue, portion), 16)?;
        left -= portion;
    }
    Ok(())
}

pub(crate) fn receive(server: &Server, queue: &str, most: usize, wait: u32) -> Bytes {
    let input = json!({ "QueueUrl": queue, "MaxNumberOfMessages": most, "WaitTimeSeconds": wait });
    aws::sqs(&server.host(), "ReceiveMessage", &input)
}

/// What lies in it, as the queue itself says.
pub(crate) fn visible(server: &Server, queue: &str) -> Result<usize> {
    let input = json!({ "QueueUrl": queue, "AttributeNames": ["ApproximateNumberOfMessages"] });
    let answer = server.call(&aws::sqs(&server.host(), "GetQueueAttributes", &input))?;
    let count =
        answer.pointer("/Attributes/ApproximateNumberOfMessages").and_then(Value::as_str).context("no count")?;
    Ok(count.parse()?)
}
