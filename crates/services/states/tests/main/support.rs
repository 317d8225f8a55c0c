//! State machines under test.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::{Value, json};
use updraft_api_states::MODEL;
use updraft_delivery::Outbox;
use updraft_kernel::ports::{
    ApiCall, Connected, ConnectionFailure, ConnectionsPort, DispatchPort, EventTargetPort, EventTargets, FunctionPort,
    HttpDataPlane, HttpRequest, HttpResponse, InvokeOutcome, InvokeRequest, LogBatch, LogPage, LogQuery, LogsPort,
    MetricBatch, MetricsPort, TargetEvent, WebRequest,
};
use updraft_kernel::{Arn, AwsError, BoxFuture, Clock, Ctx, Tasks, UnixMillis, VirtualClock};
use updraft_nodes::Nodes;
use updraft_states::{Inputs, Mocks, Modelled, Parts, StepFunctions};
use updraft_store::{KeyBuilder, ScanOptions, StoreExt, tags};
use updraft_testkit::World;
use updraft_timers::{ClockControl, Timers};
use updraft_wire::{Service, typed, validate};

/// What a call is answered.
pub(crate) type Answers = Box<dyn Fn(&ApiCall) -> Result<Value, AwsError> + Send + Sync>;

type ByName = HashMap<String, Value>;

/// What tasks call.
#[derive(Default)]
pub(crate) struct Outside {
    pub(crate) answers: Mutex<Option<Answers>>,
    pub(crate) calls: Mutex<Vec<ApiCall>>,
    /// Nothing is answered.
    pub(crate) silent: Mutex<bool>,
    /// What functions answer, by name; `{"errorType": …}` is a failure.
    pub(crate) functions: Mutex<ByName>,
    pub(crate) logged: Mutex<Vec<LogBatch>>,
    /// Nobody hears what is put on the bus.
    pub(crate) deaf: Mutex<bool>,
    /// What the bus got.
    pub(crate) events: Mutex<Vec<TargetEvent>>,
    pub(crate) measured: Mutex<Vec<MetricBatch>>,
}

impl std::fmt::Debug for Outside {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Outside")
    }
}

impl DispatchPort for Outside {
    fn call<'a>(&'a self, _: &'a Ctx, call: ApiCall) -> BoxFuture<'a, Result<Value, AwsError>> {
        let answers = self.answers.lock();
        let answer = answers.as_ref().map_or_else(|| Ok(json!({})), |answers| answers(&call));
        self.calls.lock().push(call);
        if *self.silent.lock() {
            return Box::pin(std::future::pending());
        }
        Box::pin(std::future::ready(answer))
    }
}

impl FunctionPort for Outside {
    fn invoke<'a>(&'a self, _: &'a Ctx, request: InvokeRequest) -> BoxFuture<'a, Result<InvokeOutcome, AwsError>> {
        let known = self.functions.lock().get(request.function.resource.trim_start_matches("function:")).cloned();
        let outcome = |said: Value| InvokeOutcome {
            status: 200,
            function_error: said.get("errorType").map(|_| "Unhandled"),
            payload: said.to_string().into(),
            log_tail: None,
            executed_version: "$LATEST".to_owned(),
        };
        let missing = || AwsError::unavailable("there is no such function here");
        Box::pin(std::future::ready(known.map(outcome).ok_or_else(missing)))
    }
}

impl LogsPort for Outside {
    fn append(&self, batch: LogBatch) {
        self.logged.lock().push(batch);
    }

    fn read<'a>(&'a self, _: LogQuery) -> BoxFuture<'a, Result<LogPage, AwsError>> {
        Box::pin(std::future::ready(Ok(LogPage::default())))
    }
}

impl EventTargetPort for Outside {
    fn exists<'a>(&'a self, _: &'a Arn) -> BoxFuture<'a, Result<bool, AwsError>> {
        Box::pin(std::future::ready(Ok(true)))
    }

    fn hears<'a>(&'a self, _: &'a Arn) -> BoxFuture<'a, Result<bool, AwsError>> {
        Box::pin(std::future::ready(Ok(!*self.deaf.lock())))
    }

    fn send(&self, event: TargetEvent) -> BoxFuture<'_, Result<(), AwsError>> {
        self.events.lock().push(event);
        Box::pin(std::future::ready(Ok(())))
    }
}

impl MetricsPort for Outside {
    fn record(&self, batch: MetricBatch) {
        self.measured.lock().push(batch);
    }
}

impl ConnectionsPort for Outside {
    fn send(&self, connection: Arn, _: WebRequest) -> BoxFuture<'_, Result<Connected, ConnectionFailure>> {
        Box::pin(std::future::ready(Err(ConnectionFailure::Missing(connection.to_string()))))
    }
}

impl HttpDataPlane for Outside {
    fn serve<'a>(&'a self, _: &'a Ctx, _: HttpRequest) -> BoxFuture<'a, Option<HttpResponse>> {
        Box::pin(std::future::ready(None))
    }
}

pub(crate) struct Cloud {
    pub(crate) outside: Arc<Outside>,
    pub(crate) time: Arc<VirtualClock>,
    control: ClockControl,
    world: World,
    service: Arc<dyn Service>,
    _tasks: Tasks,
}

/// 2030-03-01T12:00:00Z.
const NOON: UnixMillis = UnixMillis(1_898_596_800_000);

pub(crate) const ROLE: &str = "arn:aws:iam::000000000000:role/states";

impl Cloud {
    /// At noon of March 1, 2030.
    pub(crate) async fn new() -> Self {
        Self::with(None).await
    }

    /// With that file of mocks.
    pub(crate) async fn mocked(file: &Value) -> Self {
        Self::with(Some(Arc::new(Mocks::parse(&file.to_string()).unwrap()))).await
    }

    async fn with(mocks: Option<Arc<Mocks>>) -> Self {
        let time = Arc::new(VirtualClock::new(0, UnixMillis(0)));
        let cloud = Self::over(World::new(updraft_store_mem::open().unwrap()), time, mocks);
        cloud.set(NOON).await;
        cloud
    }

    /// A platform over what there is in the store.
    pub(crate) fn over(world: World, time: Arc<VirtualClock>, mocks: Option<Arc<Mocks>>) -> Self {
        let (store, nodes, tasks) = (Arc::clone(&world.store), Nodes::alone(), Tasks::new());
        let clock: Arc<dyn Clock> = time.clone();
        let timers = Timers::new(Arc::clone(&store), Arc::clone(&clock), &nodes);
        let outbox =
            Outbox::new(Arc::clone(&store), Arc::clone(&clock), Arc::clone(&world.rng), timers.clone(), &nodes);
        let (outside, targets) = (Arc::new(Outside::default()), EventTargets::default());
        targets.register("events", outside.clone());
        let states = StepFunctions::new(Parts {
            store: Arc::clone(&store),
            clock,
            rng: Arc::clone(&world.rng),
            outbox: outbox.clone(),
            timers: timers.clone(),
            functions: outside.clone(),
            dispatch: outside.clone(),
            logs: outside.clone(),
            metrics: outside.clone(),
            targets,
            connections: outside.clone(),
            http_apis: outside.clone(),
            endpoint: "http://127.0.0.1:4566".into(),
            mocks,
            modelled: Modelled::default(),
            inputs: Inputs::default(),
        });
        let control = ClockControl::new(store, time.clone(), timers, tasks.clone());
        control.settles(Arc::new(outbox.clone()));
        outbox.start(&tasks);
        let service = updraft_api_states::service(states);
        Self { outside, time, control, world, service, _tasks: tasks }
    }

    /// Time stands still between advances; what falls due has run when this returns.
    pub(crate) async fn advance(&self, seconds: u64) {
        self.set(self.time.now().plus(Duration::from_secs(seconds))).await;
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
        let mut attempt = 0;
        loop {
            match self.service.call(&cx, op, input.clone()).await {
                // As the gateway does.
                Err(error) if error.is_conflict() && attempt < 20 => attempt += 1,
                output => return Ok(typed::to_json(op.output.unwrap(), &output?)),
            }
        }
    }

    pub(crate) async fn ok(&self, op: &str, input: Value) -> Value {
        self.call(op, input).await.unwrap()
    }

    /// `Code: message`.
    pub(crate) async fn refused(&self, op: &str, input: Value) -> String {
        self.call(op, input).await.unwrap_err().to_string()
    }

    /// The ARN of a new state machine.
    pub(crate) async fn machine(&self, name: &str, definition: &Value) -> String {
        let made = json!({ "Name": name, "Definition": definition.to_string(), "RoleArn": ROLE });
        text(&self.ok("CreateStateMachine", made).await, "StateMachineArn")
    }

    /// The ARN of a new execution.
    pub(crate) async fn start(&self, machine: &str, input: &Value) -> String {
        let started = json!({ "StateMachineArn": machine, "Input": input.to_string() });
        text(&self.ok("StartExecution", started).await, "ExecutionArn")
    }

    pub(crate) async fn describe(&self, execution: &str) -> Value {
        self.ok("DescribeExecution", json!({ "ExecutionArn": execution })).await
    }

    /// Its output, once all that doesn't need time has happened.
    pub(crate) async fn output(&self, execution: &str) -> Value {
        self.advance(0).await;
        let said = self.describe(execution).await;
        assert_eq!(said["Status"], "SUCCEEDED", "{said}");
        serde_json::from_str(said["Output"].as_str().unwrap()).unwrap()
    }

    pub(crate) async fn events(&self, execution: &str) -> Vec<Value> {
        let said = self.ok("GetExecutionHistory", json!({ "ExecutionArn": execution, "MaxResults": 1000 })).await;
        said["Events"].as_array().unwrap().clone()
    }

    pub(crate) async fn types(&self, execution: &str) -> Vec<String> {
        self.events(execution).await.iter().map(|event| text(event, "Type")).collect()
    }

    /// How many rows of these kinds there are.
    pub(crate) async fn rows_of(&self, kinds: &[u8]) -> usize {
        let mut tx = self.world.store.read().await.unwrap();
        let (mut rows, cx) = (0, self.world.cx());
        for kind in kinds {
            let range = KeyBuilder::new(tags::STATES).scope(&cx.account, &cx.region).u8(*kind).prefix_range();
            let options = ScanOptions { limit: usize::MAX, max_bytes: usize::MAX, ..Default::default() };
            rows += tx.raw().scan(range, options).await.unwrap().rows.len();
        }
        rows
    }

    /// Keys of the service's rows.
    pub(crate) async fn rows(&self) -> Vec<String> {
        let mut tx = self.world.store.read().await.unwrap();
        let options = ScanOptions { limit: usize::MAX, max_bytes: usize::MAX, ..Default::default() };
        let page = tx.raw().scan(KeyBuilder::new(tags::STATES).prefix_range(), options).await.unwrap();
        page.rows.iter().map(|(key, _)| key.escape_ascii().to_string()).collect()
    }
}

pub(crate) fn text(value: &Value, member: &str) -> String {
    value[member].as_str().unwrap_or_else(|| panic!("no {member} in {value}")).to_owned()
}
