//! A database under test.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use serde_json::{Value, json};
use updraft_dynamodb::DynamoDb;
use updraft_kernel::{AwsError, Tasks};
use updraft_nodes::Nodes;
use updraft_store::{KeyBuilder, KeyRange, ScanOptions, StoreExt, tags};
use updraft_testkit::{World, wait_until_async};
use updraft_timers::Timers;
use updraft_wire::http::Request;
use updraft_wire::{Service, decode, encode, encode_error, find};

pub(crate) struct Db {
    pub(crate) world: World,
    pub(crate) inner: Arc<DynamoDb>,
    pub(crate) timers: Timers,
    service: Arc<dyn Service>,
    streams: Arc<dyn Service>,
}

/// A refusal, as a client sees it.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) body: Value,
}

impl Db {
    pub(crate) fn new() -> Self {
        let db = Self::idle();
        db.start();
        db
    }

    /// One that does no work in the background, as if it had been killed.
    pub(crate) fn idle() -> Self {
        let world = World::new(updraft_store_mem::open().unwrap());
        let timers = Timers::new(Arc::clone(&world.store), world.clock(), &Nodes::alone());
        let inner = Arc::new(DynamoDb::new(Arc::clone(&world.store), timers.clone()));
        let service = updraft_api_dynamodb::service(Arc::clone(&inner) as Arc<dyn updraft_api_dynamodb::DynamoDb>);
        let streams = Arc::clone(&inner) as Arc<dyn updraft_api_dynamodbstreams::DynamoDbStreams>;
        let streams = updraft_api_dynamodbstreams::service(streams);
        Self { world, inner, timers, service, streams }
    }

    pub(crate) fn start(&self) {
        self.inner.start(self.world.clock(), &Nodes::alone(), &Tasks::new());
    }

    /// With table `tab`, keyed by `pk` and `sk` (both strings).
    pub(crate) async fn with_table() -> Self {
        let db = Self::new();
        db.ok("CreateTable", composite("tab")).await;
        db
    }

    pub(crate) async fn call(&self, op: &str, input: Value) -> Result<Value, Refusal> {
        self.call_raw(op, input.to_string()).await
    }

    pub(crate) async fn call_raw(&self, op: &str, body: String) -> Result<Value, Refusal> {
        self.call_at(&self.service, &format!("DynamoDB_20120810.{op}"), body).await
    }

    /// An operation on streams.
    pub(crate) async fn stream(&self, op: &str, input: Value) -> Result<Value, Refusal> {
        self.call_at(&self.streams, &format!("DynamoDBStreams_20120810.{op}"), input.to_string()).await
    }

    /// Moves the time, and does what comes due.
    pub(crate) async fn advance(&self, by: Duration) {
        self.world.clock.advance(by);
        while self.timers.run_due().await.unwrap() > 0 {}
    }

    async fn call_at(&self, service: &Arc<dyn Service>, target: &str, body: String) -> Result<Value, Refusal> {
        let mut headers = HeaderMap::new();
        headers.insert("x-amz-target", HeaderValue::from_str(target).unwrap());
        let body = Bytes::from(body);
        let request = Request { method: &Method::POST, path: "/", query: "", headers: &headers, body: &body };
        let cx = self.world.cx();
        let call = find(service.model(), &request).unwrap();
        let answer = loop {
            let answer: Result<_, AwsError> = match decode(&call, &request) {
                Ok(input) => service.call(&cx, call.op, input).await,
                Err(err) => Err(err),
            };
            // As the layer around every operation does.
            if !answer.as_ref().is_err_and(AwsError::is_conflict) {
                break answer;
            }
        };
        let id = &cx.request_id;
        match answer {
            Ok(output) => Ok(parsed(&encode(&call, &output, id).body)),
            Err(err) => {
                let response = encode_error(call.model, call.protocol, Some(call.op), &err, id);
                Err(refusal(serde_json::from_slice(&response.body).unwrap()))
            }
        }
    }

    pub(crate) async fn ok(&self, op: &str, input: Value) -> Value {
        self.call(op, input).await.unwrap_or_else(|refusal| panic!("{op}: {refusal:?}"))
    }

    pub(crate) async fn refused(&self, op: &str, input: Value) -> Refusal {
        self.call(op, input).await.expect_err(op)
    }

    /// The message of a `ValidationException`.
    pub(crate) async fn invalid(&self, op: &str, input: Value) -> String {
        let refusal = self.refused(op, input).await;
        assert_eq!(refusal.code, "ValidationException", "{refusal:?}");
        refusal.message
    }

    /// Puts an item into `tab`.
    pub(crate) async fn put(&self, item: Value) {
        self.ok("PutItem", json!({ "TableName": "tab", "Item": item })).await;
    }

    /// The item of `tab` with these keys.
    pub(crate) async fn get(&self, pk: &str, sk: &str) -> Option<Value> {
        let key = json!({ "pk": { "S": pk }, "sk": { "S": sk } });
        self.ok("GetItem", json!({ "TableName": "tab", "Key": key })).await.get("Item").cloned()
    }

    /// How many rows the service has in the store.
    pub(crate) async fn rows(&self) -> usize {
        let mut tx = self.world.store.read().await.unwrap();
        let ours = KeyRange::new(vec![tags::DYNAMODB], vec![tags::DYNAMODB + 1]);
        tx.raw().scan(ours, ScanOptions::limit(5000)).await.unwrap().rows.len()
    }

    /// Waits until the work on many rows is done.
    pub(crate) async fn idle_jobs(&self) {
        let none = async || {
            let mut tx = self.world.store.read().await.unwrap();
            let jobs = KeyBuilder::new(tags::DYNAMODB).str("").str("").str("job").prefix_range();
            tx.raw().scan(jobs, ScanOptions::limit(1)).await.unwrap().rows.is_empty()
        };
        wait_until_async(Duration::from_secs(10), none).await.unwrap();
    }

    /// Waits until the description of `tab` is so.
    pub(crate) async fn described(&self, holds: impl Fn(&Value) -> bool) -> Value {
        let describe = async || self.ok("DescribeTable", json!({ "TableName": "tab" })).await["Table"].clone();
        wait_until_async(Duration::from_secs(10), async || holds(&describe().await)).await.unwrap();
        describe().await
    }
}

/// AWS: the operations that answer nothing at all have no body.
fn parsed(body: &[u8]) -> Value {
    if body.is_empty() { json!({}) } else { serde_json::from_slice(body).unwrap() }
}

fn refusal(body: Value) -> Refusal {
    let code = body["__type"].as_str().unwrap().rsplit('#').next().unwrap().to_owned();
    let message = body.get("message").or_else(|| body.get("Message")).and_then(Value::as_str).unwrap_or("").to_owned();
    Refusal { code, message, body }
}

/// A request for a table keyed by `pk` and `sk`.
pub(crate) fn composite(name: &str) -> Value {
    json!({
        "TableName": name,
        "AttributeDefinitions": [
            { "AttributeName": "pk", "AttributeType": "S" },
            { "AttributeName": "sk", "AttributeType": "S" },
        ],
        "KeySchema": [
            { "AttributeName": "pk", "KeyType": "HASH" },
            { "AttributeName": "sk", "KeyType": "RANGE" },
        ],
        "BillingMode": "PAY_PER_REQUEST",
    })
}

pub(crate) fn key(pk: &str, sk: &str) -> Value {
    json!({ "pk": { "S": pk }, "sk": { "S": sk } })
}

/// `one` with the fields of `two`.
pub(crate) fn merged(mut one: Value, two: Value) -> Value {
    one.as_object_mut().unwrap().extend(two.as_object().unwrap().clone());
    one
}
