//! What lies outside of what is simulated.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use serde_json::{Value, json};
use updraft_kernel::error::code;
use updraft_kernel::ports::{
    ApiCall, DispatchPort, QueueMessage, QueuePort, SecretsPort, Sender, WebFailure, WebPort, WebRequest, WebResponse,
};
use updraft_kernel::{Arn, AwsError, BoxFuture, Clock, Ctx, RngExt, SeededRng};

use crate::clock::SimClock;
use crate::journal::Journal;

/// Takes only every other message.
pub(super) const NARROW: &str = "narrow";

/// What services reach: queues that only write down what they get, and have no room now and then.
#[derive(Debug)]
pub(crate) struct Outside {
    rng: SeededRng,
    clock: SimClock,
    journal: Arc<Journal>,
    /// By queue, in the order in which they came: each message's id and body.
    got: Mutex<BTreeMap<String, Vec<(String, Bytes)>>>,
    /// What tasks were done, by who asked for them.
    done: Mutex<BTreeMap<String, BTreeSet<String>>>,
}

impl Outside {
    pub(crate) fn new(seed: u64, clock: SimClock, journal: Arc<Journal>) -> Self {
        Self { rng: SeededRng::new(seed ^ 0x5A5), clock, journal, got: Mutex::default(), done: Mutex::default() }
    }

    fn all(&self, queue: &str) -> Vec<(String, Bytes)> {
        self.got.lock().get(queue).cloned().unwrap_or_default()
    }

    /// What one has asked for and was done.
    pub(super) fn called(&self, by: &str) -> BTreeSet<String> {
        self.done.lock().get(by).cloned().unwrap_or_default()
    }

    /// Work that fails now and then, half of the times after it was done.
    fn work(&self, input: &Value) -> Result<Value, AwsError> {
        let text = |name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (by, part) = (text("N"), text("Part"));
        let dice = self.rng.below(8);
        self.journal.note(format_args!("{by} asks for {part}: {dice}"));
        if dice != 0 {
            self.done.lock().entry(by).or_default().insert(part.clone());
        }
        if dice < 2 {
            return Err(AwsError::new(&code::SERVICE_UNAVAILABLE, "not now"));
        }
        Ok(json!({ "Did": part }))
    }

    /// The numbers that came to a queue.
    pub(super) fn got(&self, queue: &str) -> Vec<u64> {
        let got = self.all(queue).into_iter();
        got.filter_map(|(_, body)| std::str::from_utf8(&body).ok()?.parse().ok()).collect()
    }

    /// What came to a queue, as `read` makes it out in a message's JSON, with the message's id.
    ///
    /// # Errors
    /// If something came that nobody sent, or the same as two messages: repetitions have the id of the first.
    pub(super) fn told<K: Ord + Debug>(
        &self,
        queue: &str,
        read: impl Fn(&Value) -> Option<K>,
    ) -> Result<BTreeMap<K, String>, String> {
        let mut told = BTreeMap::new();
        for (id, body) in self.all(queue) {
            let what = serde_json::from_slice(&body).ok().as_ref().and_then(&read);
            let what = what.ok_or_else(|| format!("{queue} got {body:?}, which nobody sent"))?;
            if told.get(&what).is_some_and(|first| *first != id) {
                return Err(format!("{queue} got {what:?} as two messages"));
            }
            told.insert(what, id);
        }
        Ok(told)
    }
}

impl QueuePort for Outside {
    fn send<'a>(
        &'a self,
        queue: &'a Arn,
        _: &'a Sender,
        messages: Vec<QueueMessage>,
    ) -> BoxFuture<'a, Result<Vec<Result<(), AwsError>>, AwsError>> {
        Box::pin(async move {
            self.clock.pause(Duration::from_millis(self.rng.below(100))).await;
            let odds = if queue.resource == NARROW { 2 } else { 6 };
            if self.rng.below(odds) == 0 {
                return Err(AwsError::new(&code::SERVICE_UNAVAILABLE, "no room"));
            }
            let bodies: Vec<_> = messages.iter().map(|one| String::from_utf8_lossy(&one.body)).collect();
            self.journal.note(format_args!("{} gets {bodies:?}", queue.resource));
            let came = messages.iter().map(|one| (one.id.clone(), one.body.clone()));
            self.got.lock().entry(queue.resource.clone()).or_default().extend(came);
            Ok(messages.iter().map(|_| Ok(())).collect())
        })
    }
}

/// Nobody here is subscribed by HTTP.
impl WebPort for Outside {
    fn send(&self, _: WebRequest) -> BoxFuture<'_, Result<WebResponse, WebFailure>> {
        Box::pin(std::future::ready(Err(WebFailure::Unreachable("there is no network".to_owned()))))
    }
}

/// Nothing here is signed: queues get messages as they are.
impl SecretsPort for Outside {
    fn get<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, AwsError>> {
        Box::pin(std::future::ready(Err(AwsError::internal("nothing is to be signed"))))
    }

    fn keep<'a>(&'a self, _: &'a str, _: Vec<u8>) -> BoxFuture<'a, Result<Vec<u8>, AwsError>> {
        Box::pin(std::future::ready(Err(AwsError::internal("nothing is to be signed"))))
    }

    fn forget<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<(), AwsError>> {
        Box::pin(std::future::ready(Err(AwsError::internal("nothing is to be signed"))))
    }
}

/// Only tasks of workflows call something by its name.
impl DispatchPort for Outside {
    fn call<'a>(&'a self, _: &'a Ctx, call: ApiCall) -> BoxFuture<'a, Result<Value, AwsError>> {
        Box::pin(async move {
            if call.service != "simulated" {
                return Err(AwsError::internal(format!("nobody calls {}", call.operation)));
            }
            self.clock.pause(Duration::from_millis(self.rng.below(100))).await;
            self.work(&call.input)
        })
    }
}
