//! Handing an event to whatever an ARN names: a function, a queue, a topic, a bus, a bucket. Implemented by the services
//! that have such things; used by those that send events.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::Sender;
use crate::clock::UnixMillis;
use crate::error::AwsError;
use crate::{Arn, BoxFuture};

/// Something said beside a message. Lies in outboxes, so it never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventAttribute {
    pub name: String,
    /// `Number` where it is true, else `String`.
    pub is_number: bool,
    pub value: String,
}

/// An event for a target.
#[derive(Clone, Debug)]
pub struct TargetEvent {
    /// The same each time it is sent, so that a target can tell a repetition. A UUID.
    pub id: String,
    pub target: Arn,
    pub sender: Sender,
    /// JSON.
    pub body: Bytes,
    /// For queues and topics.
    pub attributes: Vec<EventAttribute>,
    /// What kind of event it is, for buses.
    pub detail_type: Option<String>,
    /// Under which key it is to lie, for buckets.
    pub object_key: Option<String>,
    pub at: UnixMillis,
    /// The trace it belongs to: `AWSTraceHeader` of queues.
    pub trace: Option<String>,
}

/// What an event says of itself on a bus, where that is the sender's to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusEvent {
    pub source: String,
    pub resources: Vec<String>,
}

/// A call of a server by HTTP: an API destination, or an API of API Gateway.
#[derive(Clone, Debug)]
pub struct ServerCall {
    pub target: Arn,
    /// The service that calls (`pipes.amazonaws.com`) and the resource it calls for.
    pub source: (&'static str, Arn),
    /// What stands in for the stars of its path, one after the other.
    pub path: Vec<String>,
    pub headers: Vec<(String, String)>,
    pub query: Vec<(String, String)>,
    /// JSON.
    pub body: Bytes,
}

impl ServerCall {
    /// `path` with its stars replaced, as far as there is something to replace them with.
    #[must_use]
    pub fn filled(&self, path: &str) -> String {
        let mut values = self.path.iter();
        let mut parts = path.split('*');
        let mut filled = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            filled.push_str(values.next().map_or("*", String::as_str));
            filled.push_str(part);
        }
        filled
    }
}

/// Why a server didn't take a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallFailure {
    /// As AWS's dead letters say it: `NO_RESOURCE`.
    pub code: &'static str,
    pub message: String,
    pub again: Again,
}

/// Whether it may be called again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    Never,
    /// As whoever calls has it, but not before so long.
    Later(Option<Duration>),
    /// It wasn't called, for there were enough calls by now. There is a place for this one then.
    Early(Duration),
}

/// The things of one service that events can be sent to.
pub trait EventTargetPort: Send + Sync + fmt::Debug {
    /// Whether there is such a thing.
    fn exists<'a>(&'a self, target: &'a Arn) -> BoxFuture<'a, Result<bool, AwsError>>;

    /// Whether it takes anything from such a sender. What isn't there doesn't.
    fn admits<'a>(&'a self, sender: &'a Sender, target: &'a Arn) -> BoxFuture<'a, Result<bool, AwsError>> {
        let _ = sender;
        self.exists(target)
    }

    /// The event is the target's, and durable, once this answers. A status of 429 or 5xx means that it may be sent again;
    /// any other error, that it will never be taken.
    fn send(&self, event: TargetEvent) -> BoxFuture<'_, Result<(), AwsError>>;

    /// Whether an event that is sent there now could come to anybody: where not, it needn't be sent.
    fn hears<'a>(&'a self, target: &'a Arn) -> BoxFuture<'a, Result<bool, AwsError>> {
        let _ = target;
        Box::pin(std::future::ready(Ok(true)))
    }

    /// As [`Self::send`], for those who put events on buses as clients do. What isn't a bus has no use for what is said.
    fn put(&self, event: TargetEvent, said: BusEvent) -> BoxFuture<'_, Result<(), AwsError>> {
        let _ = said;
        self.send(event)
    }

    /// Calls a server; what it answers. For targets that are such.
    fn call(&self, call: ServerCall) -> BoxFuture<'_, Result<Bytes, CallFailure>> {
        let message = format!("{} is not called by HTTP", call.target);
        let failure = CallFailure { code: "INVALID_PARAMETER", message, again: Again::Never };
        Box::pin(std::future::ready(Err(failure)))
    }
}

/// Who takes events for which service's ARNs. Cheap to clone; whoever comes to be able to take events registers.
#[derive(Clone, Debug, Default)]
pub struct EventTargets(Arc<RwLock<HashMap<&'static str, Arc<dyn EventTargetPort>>>>);

impl EventTargets {
    /// `service` as in ARNs: `lambda`, `sqs`.
    pub fn register(&self, service: &'static str, port: Arc<dyn EventTargetPort>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(service, port);
    }

    /// `None`: nothing that this ARN could name exists here.
    #[must_use]
    pub fn of(&self, target: &Arn) -> Option<Arc<dyn EventTargetPort>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&*target.service).cloned()
    }

    /// # Errors
    /// If whoever has such things can't say.
    pub async fn exists(&self, target: &Arn) -> Result<bool, AwsError> {
        match self.of(target) {
            Some(port) => port.exists(target).await,
            None => Ok(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_of_a_path_are_filled_in_turn() {
        let target = Arn::parse("arn:aws:events:us-east-1:000000000000:api-destination/d/1").unwrap();
        let filled = |path: &str, values: &[&str]| {
            let path_values = values.iter().map(|value| (*value).to_owned()).collect();
            let source = ("events.amazonaws.com", target.clone());
            let (headers, query, body) = (Vec::new(), Vec::new(), Bytes::new());
            ServerCall { target: target.clone(), source, path: path_values, headers, query, body }.filled(path)
        };
        assert_eq!(filled("https://x/*/b/*", &["*", "c"]), "https://x/*/b/c");
        assert_eq!(filled("/a/*/*", &["b"]), "/a/b/*");
        assert_eq!(filled("/a", &["b"]), "/a");
    }
}
