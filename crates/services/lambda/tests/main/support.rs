//! A platform with the service, an outbox and a scripted runner.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use parking_lot::Mutex;
use updraft_api_lambda::Lambda as Api;
use updraft_api_lambda::types::{
    CreateFunctionInput, FunctionCode, FunctionConfiguration, GetFunctionConfigurationInput, Runtime,
};
use updraft_blob::{Blobs, MemBlobs};
use updraft_delivery::Outbox;
use updraft_kernel::ports::{
    EventTargetPort, EventTargets, FunctionErrorKind, FunctionSpec, Invocation, MetricBatch, MetricsPort, NoObjects,
    ObjectName, ObjectsPort, Provisioned, RunOutcome, RunnerPort, RunnerRefusal, Streamed, TargetEvent, Usage,
};
use updraft_kernel::{AccountId, Arn, AwsError, BoxFuture, Ctx, ErrorCode, Region, Tasks};
use updraft_lambda::{Lambda, Parts, Settings};
use updraft_nodes::Nodes;
use updraft_store::StoreExt;
use updraft_testkit::World;
use updraft_timers::{Settles, Timers};

pub(crate) const ROLE: &str = "arn:aws:iam::000000000000:role/worker";
pub(crate) const ACCESS_POINT: &str =
    "arn:aws:elasticfilesystem:us-east-1:000000000000:access-point/fsap-11111111111111111";
pub(crate) const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:";

/// What a function does.
pub(crate) trait Function: Send + Sync + std::fmt::Debug {
    fn run(&self, call: Invocation) -> BoxFuture<'static, Result<RunOutcome, RunnerRefusal>>;
}

/// Takes packages that begin with `zip`, and answers invocations with what was planned, or else with the payload.
#[derive(Debug, Default)]
pub(crate) struct Runner {
    pub(crate) calls: Mutex<Vec<(Arc<FunctionSpec>, Invocation)>>,
    pub(crate) plans: Mutex<Vec<Result<RunOutcome, RunnerRefusal>>>,
    /// What calls for an answer in pieces get first.
    pub(crate) streams: Mutex<Vec<Streamed>>,
    pub(crate) retired: Mutex<Vec<String>>,
    pub(crate) expected: Mutex<Vec<Arc<FunctionSpec>>>,
    /// What functions do, by their names; the others answer as planned.
    pub(crate) functions: Mutex<BTreeMap<String, Arc<dyn Function>>>,
    /// How many are started ahead, by version.
    pub(crate) provisioned: Mutex<BTreeMap<String, u32>>,
    /// How far they are said to have come, where not all are there at once.
    pub(crate) progress: Mutex<Option<Provisioned>>,
}

impl Runner {
    /// What the next call comes to; the last plan is carried out first.
    pub(crate) fn plan(&self, outcome: Result<RunOutcome, RunnerRefusal>) {
        self.plans.lock().push(outcome);
    }
}

pub(crate) fn outcome(payload: &'static str, error: Option<FunctionErrorKind>) -> RunOutcome {
    let log_tail = Some(Bytes::from_static(b"START\nEND\n"));
    RunOutcome {
        payload: Bytes::from_static(payload.as_bytes()),
        error,
        log_tail,
        cold_start: true,
        usage: Usage::default(),
    }
}

/// An answer in these pieces, that ends so.
pub(crate) fn streamed(content_type: &str, pieces: &[&'static str], ended: RunOutcome) -> Streamed {
    let pieces: Vec<_> = pieces.iter().map(|piece| Bytes::from_static(piece.as_bytes())).collect();
    let pieces = stream::iter(pieces).boxed();
    Streamed { content_type: content_type.to_owned(), pieces, ended: Box::pin(std::future::ready(ended)) }
}

impl RunnerPort for Runner {
    fn run<'a>(
        &'a self,
        spec: &'a Arc<FunctionSpec>,
        call: Invocation,
    ) -> BoxFuture<'a, Result<RunOutcome, RunnerRefusal>> {
        let function = self.functions.lock().get(&spec.name).cloned();
        if let Some(function) = function {
            self.calls.lock().push((Arc::clone(spec), call.clone()));
            return function.run(call);
        }
        let payload = call.payload.clone();
        let echo = RunOutcome { payload, error: None, log_tail: None, cold_start: false, usage: Usage::default() };
        self.calls.lock().push((Arc::clone(spec), call));
        let planned = self.plans.lock().pop().unwrap_or(Ok(echo));
        Box::pin(std::future::ready(planned))
    }

    fn stream<'a>(
        &'a self,
        spec: &'a Arc<FunctionSpec>,
        call: Invocation,
    ) -> BoxFuture<'a, Result<Streamed, RunnerRefusal>> {
        match self.streams.lock().pop() {
            Some(streamed) => {
                self.calls.lock().push((Arc::clone(spec), call));
                Box::pin(std::future::ready(Ok(streamed)))
            }
            None => Box::pin(async move { self.run(spec, call).await.map(Streamed::whole) }),
        }
    }

    fn expect(&self, spec: &Arc<FunctionSpec>) {
        self.expected.lock().push(Arc::clone(spec));
    }

    fn provision(&self, spec: &Arc<FunctionSpec>, count: u32) {
        self.provisioned.lock().insert(spec.version.clone(), count);
    }

    fn provisioned(&self, spec: &FunctionSpec) -> Provisioned {
        let requested = self.provisioned.lock().get(&spec.version).copied().unwrap_or(0);
        if let Some(progress) = self.progress.lock().clone() {
            return Provisioned { requested, ..progress };
        }
        Provisioned { requested, allocated: requested, available: requested, failed: None }
    }

    fn retire<'a>(&'a self, _: &'a AccountId, _: &'a Region, name: &'a str) -> BoxFuture<'a, ()> {
        self.retired.lock().push(name.to_owned());
        Box::pin(std::future::ready(()))
    }

    /// A number behind `zip` is how large the content is.
    fn check_code(&self, zip: &[u8]) -> Result<u64, RunnerRefusal> {
        if zip.starts_with(b"zip") {
            let said = std::str::from_utf8(zip).ok().and_then(|text| text.strip_prefix("zip ")?.parse().ok());
            return Ok(said.unwrap_or(zip.len() as u64));
        }
        let text = "Could not unzip uploaded file. Please check your file, then try to upload again.";
        Err(RunnerRefusal::BadCode(text.to_owned()))
    }
}

/// Keeps what it is told.
#[derive(Debug, Default)]
pub(crate) struct Recorded(pub(crate) Mutex<Vec<MetricBatch>>);

impl MetricsPort for Recorded {
    fn record(&self, batch: MetricBatch) {
        self.0.lock().push(batch);
    }
}

impl Recorded {
    /// The values of a metric under these dimensions (`FunctionName=f,Resource=f:1`), in the order they came.
    pub(crate) fn values(&self, name: &str, dimensions: &str) -> Vec<f64> {
        let shown = |set: &Vec<(&str, String)>| {
            set.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(",")
        };
        let batches = self.0.lock();
        let under = batches.iter().filter(|batch| batch.dimensions.iter().any(|set| shown(set) == dimensions));
        let metrics = under.flat_map(|batch| batch.metrics.iter().filter(|metric| metric.name == name));
        metrics.map(|metric| metric.value).collect()
    }
}

/// Objects of one bucket, `bucket`, by key.
#[derive(Debug, Default)]
pub(crate) struct Objects(pub(crate) Mutex<BTreeMap<String, Bytes>>);

static NO_SUCH_KEY: ErrorCode = ErrorCode::sender("NoSuchKey", 404);

impl ObjectsPort for Objects {
    fn read<'a>(
        &'a self,
        cx: &'a Ctx,
        object: &'a ObjectName,
        most: u64,
    ) -> BoxFuture<'a, Result<Option<Bytes>, AwsError>> {
        if object.bucket != "bucket" {
            return NoObjects.read(cx, object, most);
        }
        let key = format!("{}{}", object.key, object.version.as_deref().unwrap_or_default());
        let found = self.0.lock().get(&key).cloned();
        let found = found.map(|bytes| Some(bytes).filter(|bytes| bytes.len() as u64 <= most));
        let missing = || AwsError::new(&NO_SUCH_KEY, "The specified key does not exist.");
        Box::pin(std::future::ready(found.ok_or_else(missing)))
    }
}

/// A service's things that events are sent to: whatever an ARN ending in `-there` names exists.
#[derive(Debug, Default)]
pub(crate) struct Things {
    pub(crate) taken: Mutex<Vec<TargetEvent>>,
    /// What the next ones are answered; the last is answered first.
    pub(crate) answers: Mutex<Vec<AwsError>>,
    /// How often something was sent.
    pub(crate) asked: Mutex<usize>,
}

impl EventTargetPort for Things {
    fn exists<'a>(&'a self, target: &'a Arn) -> BoxFuture<'a, Result<bool, AwsError>> {
        Box::pin(std::future::ready(Ok(target.resource.ends_with("-there"))))
    }

    fn send(&self, event: TargetEvent) -> BoxFuture<'_, Result<(), AwsError>> {
        *self.asked.lock() += 1;
        let answer = self.answers.lock().pop().map_or(Ok(()), Err);
        if answer.is_ok() {
            self.taken.lock().push(event);
        }
        Box::pin(std::future::ready(answer))
    }
}

pub(crate) struct Platform {
    pub(crate) world: World,
    pub(crate) runner: Arc<Runner>,
    pub(crate) metrics: Arc<Recorded>,
    /// Queues, topics, buses and buckets.
    pub(crate) things: Arc<Things>,
    pub(crate) lambda: Arc<Lambda>,
    pub(crate) blobs: Arc<dyn Blobs>,
    pub(crate) objects: Arc<Objects>,
    timers: Timers,
    outbox: Outbox,
    tasks: Tasks,
    /// Those that came before, which functions still hold.
    _kept: Vec<Arc<Lambda>>,
}

pub(crate) fn platform(settings: Settings) -> Platform {
    on(updraft_store_mem::open().unwrap(), settings)
}

/// Begins on what is in the store.
pub(crate) fn on(store: Arc<dyn updraft_store::Store>, settings: Settings) -> Platform {
    over(World::new(store), Arc::new(Runner::default()), settings)
}

fn over(world: World, runner: Arc<Runner>, settings: Settings) -> Platform {
    let store = Arc::clone(&world.store);
    let metrics = Arc::new(Recorded::default());
    let (targets, things) = (EventTargets::default(), Arc::new(Things::default()));
    for service in ["sqs", "sns", "events", "s3"] {
        targets.register(service, Arc::clone(&things) as Arc<dyn EventTargetPort>);
    }
    let timers = Timers::new(Arc::clone(&store), world.clock(), &Nodes::alone());
    let outbox =
        Outbox::new(Arc::clone(&store), world.clock(), Arc::clone(&world.rng), timers.clone(), &Nodes::alone());
    let blobs: Arc<dyn Blobs> = Arc::new(MemBlobs::new(Arc::clone(&world.rng), world.clock()));
    let objects = Arc::new(Objects::default());
    let lambda = Lambda::new(Parts {
        store,
        blobs: Arc::clone(&blobs),
        runner: Arc::clone(&runner) as Arc<dyn RunnerPort>,
        metrics: Arc::clone(&metrics) as Arc<dyn MetricsPort>,
        clock: world.clock(),
        rng: Arc::clone(&world.rng),
        outbox: outbox.clone(),
        targets: targets.clone(),
        timers: timers.clone(),
        objects: Arc::clone(&objects) as Arc<dyn ObjectsPort>,
        file_systems: BTreeSet::from([ACCESS_POINT.to_owned()]),
        settings,
    });
    targets.register("lambda", lambda.event_target());
    let tasks = Tasks::new();
    outbox.start(&tasks);
    lambda.keep_ahead(&Nodes::alone(), &tasks);
    Platform { world, runner, metrics, things, lambda, blobs, objects, timers, outbox, tasks, _kept: Vec::new() }
}

impl Platform {
    pub(crate) fn new() -> Self {
        platform(Settings::default())
    }

    pub(crate) fn cx(&self) -> Ctx {
        self.world.cx()
    }

    /// With a package of its own.
    pub(crate) async fn create(&self, name: &str) -> FunctionConfiguration {
        self.lambda.create_function(&self.cx(), input(name)).await.unwrap()
    }

    pub(crate) async fn get(&self, name: &str) -> Result<FunctionConfiguration, AwsError> {
        let input = GetFunctionConfigurationInput { function_name: name.into(), qualifier: None };
        self.lambda.get_function_configuration(&self.cx(), input).await
    }

    pub(crate) async fn settle(&self) {
        while self.timers.run_due().await.unwrap() > 0 || self.outbox.settle().await {}
    }

    /// The workers are dropped in the middle of what they do, and others come over the same store. Functions are taken
    /// along, and see the old service until they are made anew.
    pub(crate) async fn die_and_start(self) -> Self {
        let Self { world, runner, tasks, lambda, .. } = self;
        tasks.stop().await;
        Self { _kept: vec![lambda], ..over(world, runner, Settings::default()) }
    }

    /// All rows of the service.
    pub(crate) async fn rows(&self) -> usize {
        let mut tx = self.world.store.read().await.unwrap();
        let all = updraft_store::KeyBuilder::new(updraft_store::tags::LAMBDA).prefix_range();
        let options = updraft_store::ScanOptions { limit: usize::MAX, max_bytes: usize::MAX, ..Default::default() };
        tx.raw().scan(all, options).await.unwrap().rows.len()
    }

    /// The workers alone, until they have nothing more to do.
    pub(crate) async fn work(&self) {
        while self.outbox.settle().await {}
    }

    /// Timers alone.
    pub(crate) async fn fire(&self) {
        self.timers.run_due().await.unwrap();
    }

    pub(crate) async fn pass(&self, seconds: u64) {
        self.world.clock.advance(Duration::from_secs(seconds));
        self.settle().await;
    }

    pub(crate) async fn stop(self) {
        self.tasks.stop().await;
        assert_eq!(self.tasks.panics(), 0);
    }
}

pub(crate) fn input(name: &str) -> CreateFunctionInput {
    CreateFunctionInput {
        function_name: name.into(),
        runtime: Some(Runtime::Python312),
        role: ROLE.into(),
        handler: Some("index.handler".into()),
        code: FunctionCode { zip_file: Some(format!("zip {name}").into()), ..FunctionCode::default() },
        ..CreateFunctionInput::default()
    }
}

/// The code and the message of what has to be an error.
pub(crate) fn refused<T: std::fmt::Debug>(outcome: Result<T, AwsError>) -> (&'static str, String) {
    let error = outcome.unwrap_err();
    (error.code().name, error.message().to_owned())
}

/// That it is this error.
pub(crate) fn check<T: std::fmt::Debug>(outcome: Result<T, AwsError>, code: &str, message: &str) {
    let (found, text) = refused(outcome);
    assert_eq!((found, text.as_str()), (code, message));
}
