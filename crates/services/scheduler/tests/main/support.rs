//! Schedules under test.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::{Value, json};
use updraft_api_scheduler::MODEL;
use updraft_delivery::Outbox;
use updraft_kernel::error::code;
use updraft_kernel::ports::{
    ApiCall, AttributeContent, DispatchPort, EventTargetPort, EventTargets, MetricBatch, MetricsPort, QueueMessage,
    QueuePort, Sender, TargetEvent,
};
use updraft_kernel::{Arn, AwsError, BoxFuture, Clock, Ctx, ErrorCode, Tasks, UnixMillis, VirtualClock};
use updraft_nodes::Nodes;
use updraft_scheduler::{Parts, Scheduler};
use updraft_store::{KeyBuilder, ScanOptions, StoreExt, tags};
use updraft_testkit::World;
use updraft_timers::{ClockControl, Timers};
use updraft_wire::{Service, typed, validate};

static GONE: ErrorCode = ErrorCode::sender("AWS.SimpleQueueService.NonExistentQueue", 400);

/// What everything else got.
#[derive(Debug, Default)]
pub(crate) struct Outside {
    /// By the queue's name.
    pub(crate) queued: Mutex<Vec<(String, QueueMessage)>>,
    pub(crate) sent: Mutex<Vec<TargetEvent>>,
    pub(crate) calls: Mutex<Vec<ApiCall>>,
    /// What calls are answered.
    pub(crate) answer: Mutex<Value>,
    /// How often everything refuses for now before it takes something.
    pub(crate) busy: Mutex<u32>,
    metrics: Mutex<Vec<MetricBatch>>,
}

impl Outside {
    fn refuses(&self) -> Result<(), AwsError> {
        let mut busy = self.busy.lock();
        if *busy == 0 {
            return Ok(());
        }
        *busy -= 1;
        Err(AwsError::new(&code::SERVICE_UNAVAILABLE, "later"))
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
            if queue.resource == "gone" {
                return Err(AwsError::new(&GONE, "The specified queue does not exist."));
            }
            if queue.resource != "dead" {
                self.refuses()?;
            }
            let taken = messages.iter().map(|_| Ok(())).collect();
            self.queued.lock().extend(messages.into_iter().map(|message| (queue.resource.clone(), message)));
            Ok(taken)
        })
    }
}

impl EventTargetPort for Outside {
    fn exists<'a>(&'a self, _: &'a Arn) -> BoxFuture<'a, Result<bool, AwsError>> {
        Box::pin(std::future::ready(Ok(true)))
    }

    fn send(&self, event: TargetEvent) -> BoxFuture<'_, Result<(), AwsError>> {
        Box::pin(async move {
            self.refuses()?;
            self.sent.lock().push(event);
            Ok(())
        })
    }
}

impl DispatchPort for Outside {
    fn call<'a>(&'a self, _: &'a Ctx, call: ApiCall) -> BoxFuture<'a, Result<Value, AwsError>> {
        Box::pin(async move {
            self.refuses()?;
            self.calls.lock().push(call);
            Ok(self.answer.lock().clone())
        })
    }
}

impl MetricsPort for Outside {
    fn record(&self, batch: MetricBatch) {
        self.metrics.lock().push(batch);
    }
}

pub(crate) struct Cloud {
    pub(crate) outside: Arc<Outside>,
    control: ClockControl,
    time: Arc<VirtualClock>,
    world: World,
    service: Arc<dyn Service>,
    _tasks: Tasks,
}

impl Cloud {
    /// At noon of March 1, 2030.
    pub(crate) async fn new() -> Self {
        let world = World::new(updraft_store_mem::open().unwrap());
        let (store, nodes, tasks) = (Arc::clone(&world.store), Nodes::alone(), Tasks::new());
        let time = Arc::new(VirtualClock::new(0, UnixMillis(0)));
        let clock: Arc<dyn Clock> = time.clone();
        let timers = Timers::new(Arc::clone(&store), Arc::clone(&clock), &nodes);
        let outbox =
            Outbox::new(Arc::clone(&store), Arc::clone(&clock), Arc::clone(&world.rng), timers.clone(), &nodes);
        let (outside, targets) = (Arc::new(Outside::default()), EventTargets::default());
        targets.register("lambda", outside.clone());
        targets.register("sns", outside.clone());
        let scheduler = Scheduler::new(Parts {
            store: Arc::clone(&store),
            clock,
            rng: Arc::clone(&world.rng),
            metrics: outside.clone(),
            outbox: outbox.clone(),
            timers: timers.clone(),
            targets,
            queues: outside.clone(),
            dispatch: outside.clone(),
            endpoint: "http://127.0.0.1:4566".into(),
        });
        let control = ClockControl::new(store, time.clone(), timers, tasks.clone());
        control.settles(Arc::new(outbox.clone()));
        outbox.start(&tasks);
        let cloud =
            Self { outside, control, time, world, service: updraft_api_scheduler::service(scheduler), _tasks: tasks };
        cloud.set(NOON).await;
        cloud
    }

    /// Time stands still between advances.
    pub(crate) async fn advance(&self, minutes: u64) {
        self.set(self.time.now().plus(Duration::from_secs(minutes * 60))).await;
    }

    async fn set(&self, at: UnixMillis) {
        self.control.set(at).await.unwrap();
        self.time.freeze_at(at);
    }

    pub(crate) async fn call(&self, op: &str, input: Value) -> Result<Value, AwsError> {
        let op = MODEL.operation(op).unwrap();
        let input = typed::from_json(op.input.unwrap(), &input)?;
        validate::check(&MODEL, op, &input)?;
        let cx = Ctx { clock: self.time.clone(), ..self.world.cx() };
        let output = self.service.call(&cx, op, input).await?;
        Ok(typed::to_json(op.output.unwrap(), &output))
    }

    pub(crate) async fn ok(&self, op: &str, input: Value) -> Value {
        self.call(op, input).await.unwrap()
    }

    /// `Code: message`.
    pub(crate) async fn refused(&self, op: &str, input: Value) -> String {
        self.call(op, input).await.unwrap_err().to_string()
    }

    /// A schedule for the queue `q`, said otherwise by `more`.
    pub(crate) async fn schedule(&self, name: &str, expression: &str, more: Value) -> Value {
        self.ok("CreateSchedule", given(name, expression, more)).await
    }

    /// The bodies that a queue got.
    pub(crate) fn bodies(&self, queue: &str) -> Vec<String> {
        let queued = self.outside.queued.lock();
        let of_it = queued.iter().filter(|(name, _)| name == queue);
        of_it.map(|(_, message)| String::from_utf8(message.body.to_vec()).unwrap()).collect()
    }

    /// How often a metric was counted up, under its group.
    pub(crate) fn measured(&self, name: &str, group: &str) -> usize {
        let batches = self.outside.metrics.lock();
        let of_it = batches.iter().filter(|batch| batch.dimensions == [[("ScheduleGroup", group.to_owned())]]);
        of_it.flat_map(|batch| &batch.metrics).filter(|one| one.name == name && one.value > 0.0).count()
    }

    /// All rows of the service, and all timers.
    pub(crate) async fn rows(&self) -> (usize, usize) {
        let mut tx = self.world.store.read().await.unwrap();
        let options = || ScanOptions { limit: usize::MAX, max_bytes: usize::MAX, ..Default::default() };
        let ours = tx.raw().scan(KeyBuilder::new(tags::SCHEDULER).prefix_range(), options()).await.unwrap();
        let timers = tx.raw().scan(KeyBuilder::new(tags::TIMERS).u8(0).prefix_range(), options()).await.unwrap();
        (ours.rows.len(), timers.rows.len())
    }
}

/// 2030-03-01T12:00:00Z.
const NOON: UnixMillis = UnixMillis(1_898_596_800_000);

pub(crate) const ROLE: &str = "arn:aws:iam::000000000000:role/scheduler";

/// The input of a schedule for the queue `q` whose messages are the scheduled times.
pub(crate) fn given(name: &str, expression: &str, more: Value) -> Value {
    let mut input = json!({
        "Name": name,
        "ScheduleExpression": expression,
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": target("arn:aws:sqs:us-east-1:000000000000:q", json!({"Input": "<aws.scheduler.scheduled-time>"})),
    });
    merge(&mut input, more);
    input
}

pub(crate) fn target(arn: &str, more: Value) -> Value {
    let mut target = json!({"Arn": arn, "RoleArn": ROLE});
    merge(&mut target, more);
    target
}

fn merge(into: &mut Value, more: Value) {
    if let (Value::Object(into), Value::Object(more)) = (into, more) {
        into.extend(more);
    }
}

pub(crate) fn text(message: &QueueMessage, attribute: &str) -> Option<String> {
    match &message.attributes.get(attribute)?.content {
        AttributeContent::Text(text) => Some(text.clone()),
        AttributeContent::Binary(_) => None,
    }
}
