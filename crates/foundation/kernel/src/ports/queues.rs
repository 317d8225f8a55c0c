//! Sending to a queue what only a queue can take: message attributes of any type, groups, ids to tell duplicates by.
//! Implemented by `services/sqs`; used by topics and buses. Plain events go by
//! [`EventTargetPort`](super::EventTargetPort).

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::Sender;
use crate::error::AwsError;
use crate::{Arn, BoxFuture};

/// What a message attribute holds. Lies in outboxes, so it never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AttributeContent {
    /// Of `String`, `Number` and their kin.
    Text(String),
    Binary(Vec<u8>),
}

/// A message attribute as SQS has them. Lies in outboxes, so it never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueAttribute {
    /// `String`, `Number`, `Binary`, each with a label behind a dot where it has one: `Number.int`.
    pub data_type: String,
    pub content: AttributeContent,
}

/// One message for a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueMessage {
    /// The same each time it is sent. A UUID.
    pub id: String,
    pub body: Bytes,
    pub attributes: BTreeMap<String, QueueAttribute>,
    pub group: Option<String>,
    pub deduplication: Option<String>,
    /// `AWSTraceHeader`.
    pub trace: Option<String>,
}

pub trait QueuePort: Send + Sync + fmt::Debug {
    /// Messages of one sender to one queue, in their order. They are durable once this answers. One result for each message: a
    /// status of 429 or 5xx means that it may be sent again; any other error, that it will never be taken.
    ///
    /// # Errors
    /// If none of them was taken: the queue isn't there, or mustn't be sent to.
    fn send<'a>(
        &'a self,
        queue: &'a Arn,
        sender: &'a Sender,
        messages: Vec<QueueMessage>,
    ) -> BoxFuture<'a, Result<Vec<Result<(), AwsError>>, AwsError>>;
}
