//! Queues as sources of events: real queues, a function that does as it is told, and time that a test moves.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use serde_json::{Value, json};
use updraft_kernel::ports::{
    EventSourcePort, FunctionPort, InvokeOutcome, InvokeRequest, Mapping, MappingsPort, NoMetrics, Source,
};
use updraft_kernel::{AccountId, Arn, AwsError, BoxFuture, Ctx, Region, Tasks};
use updraft_nodes::Nodes;
use updraft_polling::{Parts, Pollers};
use updraft_sqs::PolledQueues;
use updraft_timers::Settles;

use crate::support::Queues;

const SECOND: Duration = Duration::from_secs(1);

/// Fails while a record's body says so: `{"fail": receives}`.
#[derive(Debug, Default)]
struct Function(Mutex<Vec<Vec<Value>>>);

impl FunctionPort for Function {
    fn invoke<'a>(&'a self, _: &'a Ctx, request: InvokeRequest) -> BoxFuture<'a, Result<InvokeOutcome, AwsError>> {
        let event: Value = serde_json::from_slice(&request.payload).unwrap();
        let records = event["Records"].as_array().unwrap().clone();
        let fails = |record: &Value| {
            let body: Value = serde_json::from_str(record["body"].as_str().unwrap()).unwrap();
            let count: u64 = record["attributes"]["ApproximateReceiveCount"].as_str().unwrap().parse().unwrap();
            count <= body["fail"].as_u64().unwrap_or(0)
        };
        let function_error = records.iter().any(fails).then_some("Unhandled");
        self.0.lock().push(records);
        let payload = Bytes::from_static(b"null");
        let outcome =
            InvokeOutcome { status: 200, payload, function_error, log_tail: None, executed_version: "1".into() };
        Box::pin(std::future::ready(Ok(outcome)))
    }
}

#[derive(Debug)]
struct Deaf;

impl MappingsPort for Deaf {
    fn processed<'a>(&'a self, _: &'a Mapping, _: &'a str) -> BoxFuture<'a, Result<(), AwsError>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

struct World {
    queues: Queues,
    function: Arc<Function>,
    _mappings: Arc<dyn MappingsPort>,
    pollers: Arc<Pollers>,
    polled: PolledQueues,
    tasks: Tasks,
}

fn arn(queue: &str) -> Arn {
    Arn::parse(&format!("arn:aws:sqs:us-east-1:000000000000:{queue}")).unwrap()
}

impl World {
    fn new() -> Self {
        Self::over(Queues::new())
    }

    fn over(queues: Queues) -> Self {
        let (function, tasks) = (Arc::<Function>::default(), Tasks::new());
        let mappings: Arc<dyn MappingsPort> = Arc::new(Deaf);
        let functions: Arc<dyn FunctionPort> = function.clone();
        let parts = Parts {
            functions: Arc::downgrade(&functions),
            mappings: Arc::downgrade(&mappings),
            metrics: Arc::new(NoMetrics),
            clock: queues.world.clock(),
            rng: Arc::clone(&queues.world.rng),
            tasks: tasks.clone(),
        };
        let pollers = Arc::new(Pollers::new("sqs", parts, &Nodes::alone()));
        let polled = PolledQueues::new(Arc::clone(&queues.sqs), Arc::clone(&pollers));
        Self { queues, function, _mappings: mappings, pollers, polled, tasks }
    }

    async fn begin(&self, queue: &str, batch: u32) {
        let mapping = Mapping {
            uuid: queue.into(),
            revision: 1,
            account: AccountId::local(),
            region: Region::default_region(),
            source: arn(queue),
            function: Arn::parse("arn:aws:lambda:us-east-1:000000000000:function:f").unwrap(),
            batch,
            window: Duration::ZERO,
            filters: vec![],
            reports_failures: false,
            max_concurrency: None,
            counts: false,
            stream: None,
        };
        self.polled.begin(&Arc::new(mapping)).await.unwrap();
        self.settle().await;
    }

    async fn send(&self, url: &str, body: Value, group: Option<&str>) {
        let mut input = json!({ "QueueUrl": url, "MessageBody": body.to_string() });
        if let Some(group) = group {
            input["MessageGroupId"] = group.into();
        }
        self.queues.ok("SendMessage", input).await;
    }

    async fn settle(&self) {
        while self.pollers.settle().await {}
    }

    async fn advance(&self, by: Duration) {
        self.queues.world.clock.advance(by);
        self.settle().await;
    }

    /// `n` of each record of each call so far.
    fn calls(&self) -> Vec<Vec<u64>> {
        let n = |record: &Value| {
            let body: Value = serde_json::from_str(record["body"].as_str().unwrap()).unwrap();
            body["n"].as_u64().unwrap()
        };
        self.function.0.lock().iter().map(|records| records.iter().map(n).collect()).collect()
    }

    async fn left(&self, url: &str) -> (String, String) {
        let found = self.queues.attributes(url).await;
        let count = |name: &str| found[name].as_str().unwrap().to_owned();
        (count("ApproximateNumberOfMessages"), count("ApproximateNumberOfMessagesNotVisible"))
    }

    async fn stop(self) -> Queues {
        self.tasks.stop().await;
        assert_eq!(self.tasks.panics(), 0);
        self.queues
    }
}

fn none() -> (String, String) {
    ("0".into(), "0".into())
}

#[tokio::test]
async fn a_message_goes_to_the_function_once_it_is_sent() {
    let world = World::new();
    let url = world.queues.queue("q", json!({})).await;
    world.begin("q", 10).await;
    world.send(&url, json!({ "n": 1 }), None).await;
    world.settle().await;
    assert_eq!((world.calls(), world.left(&url).await), (vec![vec![1]], none()));
    let record = world.function.0.lock()[0][0].clone();
    assert_eq!((&record["eventSourceARN"], &record["awsRegion"]), (&json!(arn("q").to_string()), &json!("us-east-1")));
    world.stop().await;
}

#[tokio::test]
async fn what_fails_comes_again_when_the_queue_shows_it_and_then_goes_where_dead_letters_go() {
    let world = World::new();
    let dead = world.queues.queue("dead", json!({})).await;
    let redrive = json!({ "deadLetterTargetArn": arn("dead").to_string(), "maxReceiveCount": 2 }).to_string();
    let url = world.queues.queue("q", json!({ "VisibilityTimeout": "30", "RedrivePolicy": redrive })).await;
    world.begin("q", 10).await;
    world.send(&url, json!({ "n": 1, "fail": 9 }), None).await;
    world.settle().await;
    world.advance(SECOND * 30 - SECOND / 1_000).await;
    assert_eq!(world.calls().len(), 1, "one millisecond early");
    world.advance(SECOND / 1_000).await;
    assert_eq!(world.calls().len(), 2);
    world.advance(SECOND * 30).await;
    assert_eq!((world.calls().len(), world.left(&url).await), (2, none()));
    assert_eq!(world.left(&dead).await, ("1".into(), "0".into()));
    world.stop().await;
}

#[tokio::test]
async fn groups_are_kept_in_order_and_hold_back_only_themselves() {
    let world = World::new();
    let attributes = json!({ "FifoQueue": "true", "ContentBasedDeduplication": "true", "VisibilityTimeout": "30" });
    let url = world.queues.queue("q.fifo", attributes).await;
    for (n, group) in [(1, "a"), (2, "a"), (3, "b"), (4, "b"), (5, "a")] {
        world.send(&url, json!({ "n": n, "fail": u8::from(n == 1) }), Some(group)).await;
    }
    world.begin("q.fifo", 1).await;
    let of = |calls: Vec<Vec<u64>>, group: &[u64]| {
        calls.concat().into_iter().filter(|n| group.contains(n)).collect::<Vec<_>>()
    };
    assert_eq!(of(world.calls(), &[3, 4]), [3, 4]);
    assert_eq!(of(world.calls(), &[1, 2, 5]), [1]);
    world.advance(SECOND * 30).await;
    assert_eq!(of(world.calls(), &[1, 2, 5]), [1, 1, 2, 5]);
    assert_eq!(world.left(&url).await, none());
    world.stop().await;
}

#[tokio::test]
async fn a_queue_is_looked_for_and_must_hide_for_long_enough() {
    let world = World::new();
    world.queues.queue("q", json!({ "VisibilityTimeout": "30" })).await;
    let role = Arn::parse("arn:aws:iam::000000000000:role/r").unwrap();
    let cx = world.queues.world.cx();
    let check = async |queue: &str, seconds: u64| {
        let arn = arn(queue);
        let source = Source { arn: &arn, role: &role, timeout: SECOND * u32::try_from(seconds).unwrap() };
        world.polled.check(&cx, source).await.map_err(|err| (err.code().name, err.message().to_owned()))
    };
    assert_eq!(check("q", 30).await, Ok(()));
    let text = "Queue visibility timeout: 30 seconds is less than Function timeout: 31 seconds";
    assert_eq!(check("q", 31).await, Err(("InvalidParameterValueException", text.to_owned())));
    let (code, text) = check("none", 1).await.unwrap_err();
    assert!(code == "InvalidParameterValueException" && text.contains("NonExistentQueue"), "{text}");
    world.stop().await;
}

#[tokio::test]
async fn what_was_in_flight_when_the_platform_died_comes_again() {
    let world = World::new();
    let url = world.queues.queue("q", json!({ "VisibilityTimeout": "30" })).await;
    for n in 1..=3 {
        world.send(&url, json!({ "n": n }), None).await;
    }
    // Received by a platform that then died: nothing of it is left but what the store knows.
    world.queues.ok("ReceiveMessage", json!({ "QueueUrl": url, "MaxNumberOfMessages": 3 })).await;
    let world = World::over(world.stop().await);
    world.begin("q", 10).await;
    assert!(world.calls().is_empty());
    world.advance(SECOND * 30).await;
    assert_eq!((world.calls(), world.left(&url).await), (vec![vec![1, 2, 3]], none()));
    world.stop().await;
}

#[tokio::test]
async fn large_messages_make_batches_of_what_an_event_holds() {
    let world = World::new();
    let url = world.queues.queue("q", json!({})).await;
    for n in 0..9 {
        world.send(&url, json!({ "n": n, "pad": "x".repeat(1_000_000) }), None).await;
    }
    world.begin("q", 10).await;
    let mut sizes: Vec<_> = world.calls().iter().map(Vec::len).collect();
    sizes.sort_unstable();
    assert_eq!((sizes, world.left(&url).await), (vec![3, 6], none()));
    world.stop().await;
}
