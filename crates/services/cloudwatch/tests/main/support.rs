//! CloudWatch under test, spoken to in its JSON protocol.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use serde_json::{Value, json};
use updraft_cloudwatch::CloudWatch;
use updraft_kernel::ports::{Metric, MetricBatch, Unit};
use updraft_kernel::{AccountId, AwsError, Region, UnixMillis};
use updraft_nodes::Nodes;
use updraft_store::{KeyBuilder, ScanOptions, StoreExt, tags};
use updraft_testkit::World;
use updraft_timers::Timers;
use updraft_wire::http::Request;
use updraft_wire::{Service, decode, encode, encode_error, find};

pub(crate) struct Watch {
    pub(crate) world: World,
    pub(crate) inner: Arc<CloudWatch>,
    pub(crate) timers: Timers,
    service: Arc<dyn Service>,
}

impl Watch {
    pub(crate) fn new() -> Self {
        Self::over(World::new(updraft_store_mem::open().unwrap()))
    }

    fn over(world: World) -> Self {
        let timers = Timers::new(Arc::clone(&world.store), world.clock(), &Nodes::alone());
        let inner = CloudWatch::new(Arc::clone(&world.store), &timers, &*world.rng);
        let service =
            updraft_api_cloudwatch::service(Arc::clone(&inner) as Arc<dyn updraft_api_cloudwatch::CloudWatch>);
        Self { world, inner, timers, service }
    }

    /// Another process over the same store: what the first hadn't written is gone.
    pub(crate) fn killed(self) -> Self {
        Self::over(self.world)
    }

    async fn call(&self, op: &str, input: Value) -> Result<Value, (String, String)> {
        let mut headers = HeaderMap::new();
        headers.insert("x-amz-target", HeaderValue::from_str(&format!("GraniteServiceVersion20100801.{op}")).unwrap());
        headers.insert("content-type", HeaderValue::from_static("application/x-amz-json-1.0"));
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

    /// Code and message.
    pub(crate) async fn refused(&self, op: &str, input: Value) -> (String, String) {
        self.call(op, input).await.expect_err(op)
    }

    /// Of namespace `N`.
    pub(crate) async fn put(&self, data: Value) {
        self.ok("PutMetricData", json!({ "Namespace": "N", "MetricData": data })).await;
    }

    /// In seconds since the epoch.
    pub(crate) fn now(&self) -> i64 {
        self.world.cx().now().secs()
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.world.clock.advance(Duration::from_secs(seconds));
    }

    /// Everything that is due by now.
    pub(crate) async fn fire(&self) {
        while self.timers.run_due().await.unwrap() > 0 {}
    }

    /// What was measured of `N`'s metric `m` in the last so many seconds, with `more` to ask for.
    pub(crate) async fn statistics(&self, seconds: i64, period: i64, more: Value) -> Vec<Value> {
        let mut input = json!({
            "Namespace": "N", "MetricName": "m", "Period": period,
            "StartTime": self.now() - seconds, "EndTime": self.now() + 1,
        });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let answer = self.ok("GetMetricStatistics", input).await;
        answer["Datapoints"].as_array().unwrap().clone()
    }

    /// The sums of the last so many seconds.
    pub(crate) async fn sums(&self, seconds: i64, period: i64) -> Vec<f64> {
        let points = self.statistics(seconds, period, json!({ "Statistics": ["Sum"] })).await;
        points.iter().map(|point| point["Sum"].as_f64().unwrap()).collect()
    }

    /// As a service does that measures something.
    pub(crate) fn measured(&self, name: &'static str, value: f64) {
        self.inner.port().record(MetricBatch {
            account: AccountId::local(),
            region: Region::default_region(),
            namespace: "AWS/Lambda",
            at: UnixMillis(self.now() * 1000),
            dimensions: vec![vec![], vec![("FunctionName", "f".to_owned())]],
            metrics: vec![Metric { name, unit: Unit::Count, value }],
        });
    }

    /// All rows of the service.
    pub(crate) async fn rows(&self) -> usize {
        let mut tx = self.world.store.read().await.unwrap();
        let options = ScanOptions { limit: usize::MAX, max_bytes: usize::MAX, ..Default::default() };
        tx.raw().scan(KeyBuilder::new(tags::CLOUDWATCH).prefix_range(), options).await.unwrap().rows.len()
    }
}
