//! Logs under test, spoken to in its JSON protocol.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use serde_json::{Value, json};
use updraft_kernel::ports::{LogBatch, LogLine, LogsPort};
use updraft_kernel::{AccountId, AwsError, Region, Tasks, UnixMillis};
use updraft_logs::{FunctionLogs, Logs};
use updraft_nodes::Nodes;
use updraft_store::{KeyBuilder, ScanOptions, StoreExt, tags};
use updraft_testkit::World;
use updraft_timers::Timers;
use updraft_wire::http::Request;
use updraft_wire::{Service, decode, encode, encode_error, find};

pub(crate) struct Cloud {
    pub(crate) world: World,
    pub(crate) timers: Timers,
    service: Arc<dyn Service>,
}

impl Cloud {
    pub(crate) fn new() -> Self {
        let world = World::new(updraft_store_mem::open().unwrap());
        let timers = Timers::new(Arc::clone(&world.store), world.clock(), &Nodes::alone());
        let inner = Arc::new(Logs::new(Arc::clone(&world.store), &timers, None));
        let service = updraft_api_logs::service(inner as Arc<dyn updraft_api_logs::CloudWatchLogs>);
        Self { world, timers, service }
    }

    /// With group `/g` and stream `s`.
    pub(crate) async fn with_stream() -> Self {
        let cloud = Self::new();
        cloud.ok("CreateLogGroup", json!({ "logGroupName": "/g" })).await;
        cloud.ok("CreateLogStream", json!({ "logGroupName": "/g", "logStreamName": "s" })).await;
        cloud
    }

    async fn call(&self, op: &str, input: Value) -> Result<Value, (String, String)> {
        let mut headers = HeaderMap::new();
        headers.insert("x-amz-target", HeaderValue::from_str(&format!("Logs_20140328.{op}")).unwrap());
        let body = Bytes::from(input.to_string());
        let request = Request { method: &Method::POST, path: "/", query: "", headers: &headers, body: &body };
        let cx = self.world.cx();
        let call = find(self.service.model(), &request).unwrap();
        let answer = loop {
            let answer: Result<_, AwsError> = match decode(&call, &request) {
                Ok(input) => self.service.call(&cx, call.op, input).await,
                Err(err) => Err(err),
            };
            // As the layer around every operation does.
            if !answer.as_ref().is_err_and(AwsError::is_conflict) {
                break answer;
            }
        };
        let id = &cx.request_id;
        let parsed = |body: &[u8]| serde_json::from_slice(body).unwrap_or(Value::Null);
        match answer {
            Ok(output) => Ok(parsed(&encode(&call, &output, id).body)),
            Err(err) => {
                let response = encode_error(call.model, call.protocol, Some(call.op), &err, id);
                let body = parsed(&response.body);
                let code = body["__type"].as_str().unwrap().rsplit('#').next().unwrap().to_owned();
                Err((code, body["message"].as_str().unwrap().to_owned()))
            }
        }
    }

    pub(crate) async fn ok(&self, op: &str, input: Value) -> Value {
        self.call(op, input).await.unwrap_or_else(|refusal| panic!("{op}: {refusal:?}"))
    }

    /// `code: message`.
    pub(crate) async fn refused(&self, op: &str, input: Value) -> String {
        let (code, message) = self.call(op, input).await.expect_err(op);
        format!("{code}: {message}")
    }

    /// In milliseconds.
    pub(crate) fn now(&self) -> i64 {
        self.world.cx().now().0
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.world.clock.advance(Duration::from_secs(seconds));
    }

    /// Everything that is due by now.
    pub(crate) async fn fire(&self) {
        while self.timers.run_due().await.unwrap() > 0 {}
    }

    /// Into `/g`: texts, and how many milliseconds they are behind now.
    pub(crate) async fn put(&self, stream: &str, events: &[(i64, &str)]) -> Value {
        let event = |(behind, text): &(i64, &str)| json!({ "timestamp": self.now() + behind, "message": text });
        let events: Vec<_> = events.iter().map(event).collect();
        self.ok("PutLogEvents", json!({ "logGroupName": "/g", "logStreamName": stream, "logEvents": events })).await
    }

    /// As a function does that prints, written.
    pub(crate) async fn print(&self, group: &str, stream: &str, texts: &[&str]) {
        let tasks = Tasks::new();
        let logs = FunctionLogs::new(Arc::clone(&self.world.store), &tasks, None);
        let line = |text: &&str| LogLine { at: UnixMillis(self.now()), message: (*text).to_owned() };
        logs.append(LogBatch {
            account: AccountId::local(),
            region: Region::default_region(),
            group: group.to_owned(),
            stream: stream.to_owned(),
            lines: texts.iter().map(line).collect(),
        });
        tasks.stop().await;
    }

    /// All rows of the service but the one that says that older versions' are looked after.
    pub(crate) async fn rows(&self) -> usize {
        let mut tx = self.world.store.read().await.unwrap();
        let options = ScanOptions { limit: usize::MAX, max_bytes: usize::MAX, ..Default::default() };
        let all = KeyBuilder::new(tags::LOGS).str(AccountId::local().as_str()).prefix_range();
        tx.raw().scan(all, options).await.unwrap().rows.len()
    }
}

/// What an answer's events say.
pub(crate) fn texts(answer: &Value) -> Vec<&str> {
    answer["events"].as_array().unwrap().iter().map(|event| event["message"].as_str().unwrap()).collect()
}
