//! Buses under test.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::Value;
use updraft_api_events::EventBridge as Api;
use updraft_api_events::types::{
    PutEventsInput, PutEventsRequestEntry, PutEventsResultEntry, PutRuleInput, PutTargetsInput, Target,
};
use updraft_delivery::Outbox;
use updraft_events::{EventBridge, Parts};
use updraft_kernel::error::code;
use updraft_kernel::ports::{
    CallFailure, EventTargetPort, EventTargets, FunctionPort, InvokeOutcome, InvokeRequest, LogBatch, LogPage,
    LogQuery, LogsPort, MetricBatch, MetricsPort, QueueMessage, QueuePort, SecretsPort, Sender, ServerCall,
    TargetEvent, WebFailure, WebPort, WebRequest, WebResponse,
};
use updraft_kernel::{Arn, AwsError, BoxFuture, Ctx, ErrorCode, Tasks};
use updraft_nodes::Nodes;
use updraft_testkit::World;
use updraft_timers::{Settles, Timers};

static GONE: ErrorCode = ErrorCode::sender("QueueDoesNotExist", 400);

/// What everything else got.
#[derive(Debug, Default)]
pub(crate) struct Outside {
    /// By the queue's ARN.
    pub(crate) queues: Mutex<BTreeMap<String, Vec<QueueMessage>>>,
    pub(crate) functions: Mutex<Vec<(Arn, Value, String)>>,
    pub(crate) topics: Mutex<Vec<TargetEvent>>,
    /// Of APIs.
    pub(crate) calls: Mutex<Vec<ServerCall>>,
    /// How the next call of an API is refused.
    pub(crate) refusal: Mutex<Option<CallFailure>>,
    pub(crate) metrics: Mutex<Vec<MetricBatch>>,
    pub(crate) logs: Mutex<Vec<LogBatch>>,
    /// How often a queue refuses for now before it takes something.
    pub(crate) busy: Mutex<BTreeMap<String, u32>>,
    pub(crate) gone: Mutex<Vec<String>>,
    pub(crate) posts: Mutex<Vec<WebRequest>>,
    /// With what the next posts are answered, the last first: status and body.
    pub(crate) answers: Mutex<Vec<(u16, &'static str)>>,
    pub(crate) secrets: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl QueuePort for Outside {
    fn send<'a>(
        &'a self,
        queue: &'a Arn,
        sender: &'a Sender,
        messages: Vec<QueueMessage>,
    ) -> BoxFuture<'a, Result<Vec<Result<(), AwsError>>, AwsError>> {
        Box::pin(async move {
            assert_eq!(sender.service, "events.amazonaws.com");
            let name = queue.to_string();
            if self.gone.lock().contains(&name) {
                return Err(AwsError::new(&GONE, "The specified queue does not exist."));
            }
            if let Some(left) = self.busy.lock().get_mut(&name).filter(|left| **left > 0) {
                *left -= 1;
                return Err(AwsError::new(&code::SERVICE_UNAVAILABLE, "later"));
            }
            let taken = messages.iter().map(|_| Ok(())).collect();
            self.queues.lock().entry(name).or_default().extend(messages);
            Ok(taken)
        })
    }
}

impl FunctionPort for Outside {
    fn invoke<'a>(&'a self, cx: &'a Ctx, request: InvokeRequest) -> BoxFuture<'a, Result<InvokeOutcome, AwsError>> {
        Box::pin(async move {
            let event = serde_json::from_slice(&request.payload).unwrap();
            let source = request.source.unwrap().1.to_string();
            assert_eq!(cx.identity.arn("aws"), "events.amazonaws.com");
            self.functions.lock().push((request.function, event, source));
            let (payload, executed_version) = (bytes::Bytes::new(), String::new());
            Ok(InvokeOutcome { status: 202, payload, function_error: None, log_tail: None, executed_version })
        })
    }
}

impl WebPort for Outside {
    fn send(&self, request: WebRequest) -> BoxFuture<'_, Result<WebResponse, WebFailure>> {
        Box::pin(async move {
            let (status, body) = self.answers.lock().pop().unwrap_or((200, ""));
            self.posts.lock().push(request);
            let mut headers = http::HeaderMap::new();
            if body == "in a minute" {
                headers.insert(http::header::RETRY_AFTER, http::HeaderValue::from_static("60"));
            }
            Ok(WebResponse { status, headers, body: body.into() })
        })
    }
}

impl SecretsPort for Outside {
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, AwsError>> {
        Box::pin(async move { Ok(self.secrets.lock().get(name).cloned()) })
    }

    fn keep<'a>(&'a self, name: &'a str, fresh: Vec<u8>) -> BoxFuture<'a, Result<Vec<u8>, AwsError>> {
        Box::pin(async move { Ok(self.secrets.lock().entry(name.to_owned()).or_insert(fresh).clone()) })
    }

    fn forget<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<(), AwsError>> {
        Box::pin(async move {
            self.secrets.lock().remove(name);
            Ok(())
        })
    }
}

impl EventTargetPort for Outside {
    fn exists<'a>(&'a self, _: &'a Arn) -> BoxFuture<'a, Result<bool, AwsError>> {
        Box::pin(async { Ok(true) })
    }

    fn send(&self, event: TargetEvent) -> BoxFuture<'_, Result<(), AwsError>> {
        self.topics.lock().push(event);
        Box::pin(async { Ok(()) })
    }

    fn call(&self, call: ServerCall) -> BoxFuture<'_, Result<bytes::Bytes, CallFailure>> {
        self.calls.lock().push(call);
        let answer = self.refusal.lock().take().map_or(Ok(bytes::Bytes::new()), Err);
        Box::pin(std::future::ready(answer))
    }
}

impl MetricsPort for Outside {
    fn record(&self, batch: MetricBatch) {
        self.metrics.lock().push(batch);
    }
}

impl LogsPort for Outside {
    fn append(&self, batch: LogBatch) {
        self.logs.lock().push(batch);
    }
    fn read<'a>(&'a self, _: LogQuery) -> BoxFuture<'a, Result<LogPage, AwsError>> {
        Box::pin(std::future::ready(Ok(LogPage::default())))
    }
}

pub(crate) struct Cloud {
    pub(crate) world: World,
    pub(crate) events: Arc<EventBridge>,
    pub(crate) outside: Arc<Outside>,
    pub(crate) timers: Timers,
    outbox: Outbox,
    _tasks: Tasks,
}

impl Cloud {
    pub(crate) fn new() -> Self {
        let world = World::new(updraft_store_mem::open().unwrap());
        let (store, nodes, tasks) = (Arc::clone(&world.store), Nodes::alone(), Tasks::new());
        let timers = Timers::new(Arc::clone(&store), world.clock(), &nodes);
        let (clock, rng) = (world.clock(), Arc::clone(&world.rng));
        let outbox = Outbox::new(Arc::clone(&store), clock, rng, timers.clone(), &nodes);
        let outside = Arc::new(Outside::default());
        let targets = EventTargets::default();
        targets.register("sns", outside.clone());
        targets.register("execute-api", outside.clone());
        let events = EventBridge::new(Parts {
            store,
            clock: world.clock(),
            rng: Arc::clone(&world.rng),
            metrics: outside.clone(),
            logs: outside.clone(),
            outbox: outbox.clone(),
            timers: timers.clone(),
            queues: outside.clone(),
            functions: outside.clone(),
            web: outside.clone(),
            secrets: outside.clone(),
            targets,
        });
        outbox.start(&tasks);
        Self { world, events, outside, timers, outbox, _tasks: tasks }
    }

    /// Until nothing is left to do now.
    pub(crate) async fn settle(&self) {
        while self.outbox.settle().await || self.timers.run_due().await.unwrap() > 0 {}
    }

    /// A rule for one source; its ARN.
    pub(crate) async fn rule(&self, bus: Option<&str>, name: &str, source: &str) -> String {
        let input = PutRuleInput {
            name: name.into(),
            event_pattern: Some(format!(r#"{{"source": ["{source}"]}}"#)),
            event_bus_name: bus.map(str::to_owned),
            ..PutRuleInput::default()
        };
        self.events.put_rule(&self.world.cx(), input).await.unwrap().rule_arn.unwrap()
    }

    pub(crate) async fn target(&self, bus: Option<&str>, rule: &str, target: Target) {
        self.try_target(bus, rule, target).await.unwrap();
    }

    pub(crate) async fn try_target(&self, bus: Option<&str>, rule: &str, target: Target) -> Result<(), AwsError> {
        let input =
            PutTargetsInput { rule: rule.into(), event_bus_name: bus.map(str::to_owned), targets: vec![target] };
        self.events.put_targets(&self.world.cx(), input).await.map(drop)
    }

    pub(crate) async fn put(&self, entries: Vec<PutEventsRequestEntry>) -> Vec<PutEventsResultEntry> {
        let input = PutEventsInput { entries, endpoint_id: None };
        self.events.put_events(&self.world.cx(), input).await.unwrap().entries.unwrap()
    }

    /// What a queue got, taken out of it.
    pub(crate) fn got(&self, queue: &str) -> Vec<QueueMessage> {
        self.outside.queues.lock().remove(&queue_arn(queue)).unwrap_or_default()
    }

    pub(crate) fn bodies(&self, queue: &str) -> Vec<String> {
        self.got(queue).iter().map(|message| String::from_utf8(message.body.to_vec()).unwrap()).collect()
    }

    /// The sum of all values of a metric.
    pub(crate) fn measured(&self, name: &str) -> f64 {
        let batches = self.outside.metrics.lock();
        batches.iter().flat_map(|batch| &batch.metrics).filter(|one| one.name == name).map(|one| one.value).sum()
    }
}

pub(crate) fn queue_arn(name: &str) -> String {
    format!("arn:aws:sqs:us-east-1:000000000000:{name}")
}

pub(crate) fn queue(name: &str) -> Target {
    Target { id: name.replace(".fifo", ""), arn: queue_arn(name), ..Target::default() }
}

pub(crate) fn entry(source: &str, detail: &str) -> PutEventsRequestEntry {
    PutEventsRequestEntry {
        source: Some(source.into()),
        detail_type: Some("t".into()),
        detail: Some(detail.into()),
        ..PutEventsRequestEntry::default()
    }
}

pub(crate) fn words<T: std::fmt::Debug>(result: Result<T, AwsError>) -> String {
    let error = result.unwrap_err();
    format!("{}: {}", error.code().name, error.message())
}
