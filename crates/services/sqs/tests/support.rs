//! Queues under test.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use serde_json::{Value, json};
use updraft_kernel::ports::{MetricBatch, MetricsPort};
use updraft_kernel::{AwsError, Ctx};
use updraft_nodes::Nodes;
use updraft_sqs::{Parts, Sqs};
use updraft_store::faults::FaultyStore;
use updraft_store::{KeyRange, ScanOptions, StoreExt, tags};
use updraft_testkit::World;
use updraft_timers::Timers;
use updraft_wire::http::{Request, Response};
use updraft_wire::{Service, decode, encode, encode_error, find};

/// What CloudWatch was told.
#[derive(Debug, Default)]
pub(crate) struct Recorded(std::sync::Mutex<Vec<MetricBatch>>);

impl Recorded {
    /// The values of one metric, in the order in which they came.
    pub(crate) fn of(&self, name: &str) -> Vec<f64> {
        let batches = self.0.lock().unwrap();
        batches.iter().flat_map(|batch| &batch.metrics).filter(|one| one.name == name).map(|one| one.value).collect()
    }
}

impl MetricsPort for Recorded {
    fn record(&self, batch: MetricBatch) {
        self.0.lock().unwrap().push(batch);
    }
}

pub(crate) struct Queues {
    pub(crate) metrics: Arc<Recorded>,
    pub(crate) world: World,
    pub(crate) timers: Timers,
    pub(crate) sqs: Arc<Sqs>,
    service: Arc<dyn Service>,
}

/// A refusal, as a client sees it.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) code: String,
    pub(crate) message: String,
}

impl Queues {
    pub(crate) fn new() -> Self {
        Self::over(World::new(updraft_store_mem::open().unwrap()), false)
    }

    /// Another node of the same world, which reaches the store as one that is shared.
    pub(crate) fn another_node(&self) -> Self {
        let (clock, rng) = (self.world.clock(), Arc::clone(&self.world.rng));
        let way = FaultyStore::new(Arc::clone(&self.world.store), clock, Arc::clone(&rng));
        let mut world = World::new(Arc::new(way));
        (world.clock, world.rng) = (Arc::clone(&self.world.clock), rng);
        Self::over(world, false)
    }

    /// `strict`: services need statements.
    pub(crate) fn asking(strict: bool) -> Self {
        Self::over(World::new(updraft_store_mem::open().unwrap()), strict)
    }

    fn over(world: World, strict: bool) -> Self {
        let timers = Timers::new(Arc::clone(&world.store), world.clock(), &Nodes::alone());
        let metrics = Arc::<Recorded>::default();
        let inner = Sqs::new(Parts {
            store: Arc::clone(&world.store),
            clock: world.clock(),
            rng: Arc::clone(&world.rng),
            metrics: metrics.clone(),
            timers: timers.clone(),
            strict,
        });
        let service = updraft_api_sqs::service(inner.clone());
        Self { metrics, world, timers, sqs: inner, service }
    }

    pub(crate) async fn call(&self, op: &str, input: Value) -> Result<Value, Refusal> {
        self.call_as(self.world.cx(), op, input).await
    }

    pub(crate) async fn call_as(&self, cx: Ctx, op: &str, input: Value) -> Result<Value, Refusal> {
        let response = self.send(cx, "/", &target(op), input.to_string()).await;
        let body = parsed(&response.body);
        if response.status == 200 { Ok(body) } else { Err(refusal(&body)) }
    }

    /// A form of the query protocol, to a path: status and answer.
    pub(crate) async fn form(&self, path: &str, form: &str) -> (u16, String) {
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        let headers = HeaderMap::from_iter([(http::header::CONTENT_TYPE, kind)]);
        let response = self.send(self.world.cx(), path, &headers, form.to_owned()).await;
        (response.status, String::from_utf8(response.body.to_vec()).unwrap())
    }

    pub(crate) async fn send(&self, cx: Ctx, path: &str, headers: &HeaderMap, body: String) -> Response {
        let body = Bytes::from(body);
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let request = Request { method: &Method::POST, path, query, headers, body: &body };
        let call = find(self.service.model(), &request).unwrap();
        let answer = loop {
            let answer = match decode(&call, &request) {
                Ok(input) => self.service.call(&cx, call.op, input).await,
                Err(err) => Err(err),
            };
            // As the layer around every operation does.
            if !answer.as_ref().is_err_and(AwsError::is_conflict) {
                break answer;
            }
        };
        let id = &cx.request_id;
        match answer {
            Ok(output) => encode(&call, &output, id),
            Err(err) => encode_error(call.model, call.protocol, Some(call.op), &err, id),
        }
    }

    pub(crate) async fn ok(&self, op: &str, input: Value) -> Value {
        self.call(op, input).await.unwrap_or_else(|refusal| panic!("{op}: {refusal:?}"))
    }

    pub(crate) async fn refused(&self, op: &str, input: Value) -> Refusal {
        self.call(op, input).await.expect_err(op)
    }

    /// A new queue's URL.
    pub(crate) async fn queue(&self, name: &str, attributes: Value) -> String {
        let made = self.ok("CreateQueue", json!({ "QueueName": name, "Attributes": attributes })).await;
        made["QueueUrl"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn attributes(&self, url: &str) -> Value {
        let asked = json!({ "QueueUrl": url, "AttributeNames": ["All"] });
        self.ok("GetQueueAttributes", asked).await["Attributes"].clone()
    }

    /// How many rows the service has in the store.
    pub(crate) async fn rows(&self) -> usize {
        let mut tx = self.world.store.read().await.unwrap();
        let ours = KeyRange::new(vec![tags::SQS], vec![tags::SQS + 1]);
        tx.raw().scan(ours, ScanOptions::limit(5000)).await.unwrap().rows.len()
    }
}

/// The headers of a call in JSON.
pub(crate) fn target(op: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("x-amz-target", HeaderValue::from_str(&format!("AmazonSQS.{op}")).unwrap());
    headers.insert("content-type", HeaderValue::from_static("application/x-amz-json-1.0"));
    headers
}

/// AWS: the operations that answer nothing at all have no body.
fn parsed(body: &[u8]) -> Value {
    if body.is_empty() { json!({}) } else { serde_json::from_slice(body).unwrap() }
}

fn refusal(body: &Value) -> Refusal {
    let code = body["__type"].as_str().unwrap().rsplit('#').next().unwrap().to_owned();
    let message = body.get("message").or_else(|| body.get("Message")).and_then(Value::as_str).unwrap_or("").to_owned();
    Refusal { code, message }
}
