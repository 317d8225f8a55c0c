//! Where everything meets: the one place that names backends, runtimes and services. Reading it top to bottom is
//! reading what the platform is made of.

mod messaging;
mod workflows;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use updraft_access::AccessPort;
use updraft_apigatewayv2::{ApiGatewayV2, HttpApis};
use updraft_cloudwatch::CloudWatch;
use updraft_console::Console;
use updraft_dynamodb::DynamoDb;
use updraft_exec::{ConnectionSink, Exec, ExecConfig, ExecDeps, Runtime};
use updraft_gateway::admin::{Admin, Health, Isolation};
use updraft_gateway::cors::CorsPort;
use updraft_gateway::metrics::Metrics;
use updraft_gateway::{Dispatcher, Gateway, Parts, Services, Trail};
use updraft_kernel::Tasks;
use updraft_kernel::ports::{
    CertificatesPort, CredentialsPort, DownloadsPort, EventTargets, HttpDataPlane, LogsPort, MetricsPort, ObjectsPort,
};
use updraft_lambda::Lambda;
use updraft_logs::{FunctionLogs, Listener, Logs};
use updraft_network::{Host, Network, Policy};
use updraft_nodes::Nodes;
use updraft_pipes::Pipes;
use updraft_runtime_java::{Java, JavaConfig};
use updraft_runtime_node::{Node, NodeConfig};
use updraft_runtime_provided::Provided;
use updraft_runtime_python::{Python, PythonConfig};
use updraft_s3::S3;
use updraft_sandbox::{Level, ProcessBackend, SandboxBackend};
use updraft_snapshot::Source;
use updraft_sns::Sns;
use updraft_store::{Store, Topic};
use updraft_sts::{AllowAll, Credentials, MasterKey, Sts};
use updraft_timers::{ClockControl, Settles};
use updraft_web::{Reach, Web};
use updraft_wire::Service;

use self::messaging::{events, poll_queues, poll_streams, scheduler, sns, sqs};
use self::workflows::workflows;
use crate::base::Base;
use crate::config::Config;
use crate::data::{DataFolder, Secret};
use crate::endpoint::Endpoint;
use crate::java;
use crate::network;
use crate::open;
use crate::pages::Pages;
use crate::reset::StoreReset;
use crate::sdk::{self, Language};
use crate::share::SharedRunner;
use crate::shared;
use crate::snapshots::StateSnapshots;
use crate::sweep::Sweeper;
use crate::unbuilt;
use crate::vault::{self, Vault};

/// A composed platform, before anything listens.
pub(crate) struct Platform {
    gateway: Arc<Gateway>,
    health: Health,
    sandboxes: Arc<dyn SandboxBackend>,
    /// What functions are to reach.
    policy: Policy,
    exec: Exec,
    nodes: Nodes,
    store: Arc<dyn Store>,
    /// Holds an ephemeral platform's files until the end.
    _data: DataFolder,
}

/// # Errors
/// If the data is in use, damaged, or written by a newer updraft: with what to do.
pub(crate) async fn compose(config: &Config, tasks: &Tasks) -> Result<Platform> {
    let data = DataFolder::open(config.data.as_deref())?;
    let base = Base::open(config, &data, tasks).await?;
    let sandboxes = sandboxes(config)?;

    let credentials = credentials(config, &base, base.secret(&data).await?);
    let cloudwatch = cloudwatch(&base, tasks);
    let Printed { logs, functions } = logs(&base, &cloudwatch, tasks);
    let endpoint = Arc::new(Endpoint::new(tasks.clone()));
    let exec = exec(config, &data, &base, &sandboxes, (credentials.clone(), Arc::clone(&functions), endpoint.clone()));

    let targets = EventTargets::default();
    let runner = SharedRunner { inner: Arc::new(exec.clone()), nodes: base.nodes.clone() };
    let s3 = s3(&base, &targets);
    let lambda = lambda(config, &base, (runner, cloudwatch.port()), s3.clone(), &targets);
    let sqs = sqs(config, &base, &cloudwatch, &targets);
    let sns = sns(config, &base, (cloudwatch.port(), Arc::clone(&functions)), (sqs.queue_port(), lambda.clone()));
    let reached_at = format!("http://{}", config.listen);
    targets.register("sns", sns.event_target(&reached_at));
    let events = events(config, &base, (cloudwatch.port(), Arc::clone(&functions)), (&sqs, &lambda), &targets);
    let buses = events.event_target(&reached_at);
    targets.register("events", Arc::clone(&buses));
    let dispatcher = Arc::new(Dispatcher::default());
    let http_apis = http_apis(&base, &lambda, &dispatcher, &targets);
    let scheduler = scheduler(config, &base, cloudwatch.port(), (targets.clone(), sqs.queue_port()), &dispatcher);
    let kept = (Arc::clone(&functions), cloudwatch.port());
    let called = (&lambda, &events, &http_apis, &dispatcher);
    let states = workflows(config, &base, called, kept, (&reached_at, &targets))?;
    let (pipes, pollers) =
        poll_queues(&base, &cloudwatch, (&lambda, &sqs), Arc::clone(&functions), (targets, &dispatcher));
    let streamed = poll_streams(&base, &cloudwatch, &lambda, &pipes);
    let dynamodb = Arc::new(DynamoDb::new(Arc::clone(&base.store), base.timers.clone()));
    let mut services: Vec<Arc<dyn Service>> = unbuilt::services();
    services.push(updraft_api_apigatewayv2::service(Arc::new(ApiGatewayV2::new(Arc::clone(&base.store)))));
    services.push(updraft_api_cloudwatch::service(cloudwatch.clone()));
    services.push(updraft_api_dynamodb::service(dynamodb.clone()));
    services.push(updraft_api_dynamodbstreams::service(dynamodb.clone()));
    services.push(updraft_api_events::service(events));
    services.push(updraft_api_lambda::service(lambda.clone()));
    services.push(updraft_api_logs::service(logs));
    services.push(updraft_api_pipes::service(pipes.clone()));
    services.push(updraft_s3::guarded(s3.clone()));
    services.push(updraft_api_scheduler::service(scheduler));
    services.push(updraft_api_sns::service(sns.clone()));
    services.push(updraft_api_sqs::service(sqs));
    services.push(updraft_api_states::service(states));
    services.push(updraft_api_sts::service(Arc::new(Sts::new(Arc::clone(&credentials)))));

    begin(&base, (&lambda, &s3), (&pipes, &dynamodb), tasks);
    let health = health(config, &data);
    probe(&sandboxes, config, &health, tasks);
    let told = (health.clone(), lambda.clone(), sns.clone());
    let mut settling: Vec<Arc<dyn Settles>> = vec![Arc::new(base.outbox.clone()), s3.accesses_written()];
    settling.extend(pollers.into_iter().chain(streamed).map(|pollers| -> Arc<dyn Settles> { pollers }));
    let admin = admin(&base, functions, cloudwatch, told, (settling, &dispatcher));
    let open = open_parts(http_apis, (lambda, sns, s3), config.api_events.then(|| Trail::new(buses)));
    let gateway = gateway(&base, services, credentials, open, admin)?;
    endpoint.open(&gateway);
    dispatcher.open(&gateway);
    let (policy, nodes, store) = (config.function_network.clone(), base.nodes, base.store);
    Ok(Platform { gateway, health, sandboxes, policy, exec, nodes, store, _data: data })
}

/// What runs functions.
fn exec(
    config: &Config,
    data: &DataFolder,
    base: &Base,
    sandboxes: &Arc<dyn SandboxBackend>,
    (credentials, logs, endpoint): (Arc<dyn CredentialsPort>, Arc<dyn LogsPort>, Arc<dyn ConnectionSink>),
) -> Exec {
    let deps = ExecDeps {
        backend: Arc::clone(sandboxes),
        blobs: Arc::clone(&base.blobs),
        credentials,
        logs,
        clock: base.time(),
        rng: Arc::clone(&base.rng),
        tasks: base.tasks.clone(),
        runtimes: runtimes(config, Some(data.wasm())),
        endpoint,
        network: Arc::new(network(config, base)),
    };
    Exec::new(engine(config, data), deps)
}

fn lambda(
    config: &Config,
    base: &Base,
    (runner, metrics): (SharedRunner, Arc<dyn MetricsPort>),
    objects: Arc<dyn ObjectsPort>,
    targets: &EventTargets,
) -> Arc<Lambda> {
    let lambda = Lambda::new(updraft_lambda::Parts {
        store: Arc::clone(&base.store),
        blobs: Arc::clone(&base.blobs),
        runner: Arc::new(runner),
        metrics,
        clock: base.time(),
        rng: Arc::clone(&base.rng),
        outbox: base.outbox.clone(),
        targets: targets.clone(),
        timers: base.timers.clone(),
        objects,
        file_systems: config.file_systems.keys().cloned().collect(),
        settings: updraft_lambda::Settings { serves_code: true, enforce_resource_policy: config.strict_policies },
    });
    targets.register("lambda", lambda.event_target());
    lambda
}

fn cloudwatch(base: &Base, tasks: &Tasks) -> Arc<CloudWatch> {
    let cloudwatch = CloudWatch::new(Arc::clone(&base.store), &base.timers, &*base.rng);
    cloudwatch.start(base.time(), tasks);
    cloudwatch
}

fn s3(base: &Base, targets: &EventTargets) -> Arc<S3> {
    let s3 = S3::new(updraft_s3::Parts {
        store: Arc::clone(&base.store),
        blobs: Arc::clone(&base.blobs),
        clock: base.time(),
        rng: Arc::clone(&base.rng),
        outbox: base.outbox.clone(),
        timers: base.timers.clone(),
        targets: targets.clone(),
        secrets: Arc::new(Vault::of_keys(Arc::clone(&base.store))),
    });
    targets.register("s3", s3.clone());
    s3
}

fn http_apis(base: &Base, lambda: &Arc<Lambda>, dispatcher: &Arc<Dispatcher>, targets: &EventTargets) -> Arc<HttpApis> {
    let http_apis = Arc::new(HttpApis::new(Arc::clone(&base.store), lambda.clone(), dispatcher.clone()));
    targets.register("execute-api", http_apis.event_target(base.time(), Arc::clone(&base.rng)));
    http_apis
}

/// CloudWatch Logs, and the part of it that functions print to.
struct Printed {
    logs: Arc<Logs>,
    functions: Arc<dyn LogsPort>,
}

/// All lines are looked through for metrics.
fn logs(base: &Base, cloudwatch: &Arc<CloudWatch>, tasks: &Tasks) -> Printed {
    let cloudwatch = Arc::clone(cloudwatch);
    let listener: Listener = Arc::new(move |batch| cloudwatch.look_through(batch));
    let functions = FunctionLogs::new(Arc::clone(&base.store), tasks, Some(Arc::clone(&listener)));
    let logs = Logs::new(Arc::clone(&base.store), &base.timers, Some(listener));
    Printed { logs: Arc::new(logs), functions: Arc::new(functions) }
}

/// What goes on by itself.
fn begin(
    base: &Base,
    (lambda, s3): (&Arc<Lambda>, &Arc<S3>),
    (pipes, dynamodb): (&Arc<Pipes>, &DynamoDb),
    tasks: &Tasks,
) {
    dynamodb.start(base.time(), &base.nodes, tasks);
    lambda.keep_ahead(&base.nodes, tasks);
    base.outbox.start(tasks);
    base.timers.start(tasks);
    lambda.start_polling(tasks);
    pipes.start(tasks);
    s3.keep_accesses(tasks);
    sweep(base, lambda, s3);
    // Last of all: from here on this node has work, for which everything has asked by now.
    base.nodes.start(tasks);
}

/// Who may call, and what functions are given to call with.
fn credentials(config: &Config, base: &Base, secret: Secret) -> Arc<Credentials> {
    let conventional = config.listen.ip().is_loopback();
    let settings = updraft_sts::Config { master: MasterKey::new(secret), conventional, root: None };
    Arc::new(Credentials::new(settings, base.time(), Arc::clone(&base.rng)))
}

fn sweep(base: &Base, lambda: &Arc<Lambda>, s3: &Arc<S3>) {
    let sweeper = Sweeper {
        store: Arc::clone(&base.store),
        blobs: Arc::clone(&base.blobs),
        clock: base.time(),
        lambda: Arc::clone(lambda),
        s3: Arc::clone(s3),
        lease: base.nodes.lease("blob sweeper"),
    };
    base.tasks.spawn("blob sweeper", sweeper.run(base.tasks.shutdown()));
}

/// What is reached without a signature of AWS's.
struct Open {
    data_planes: Vec<Arc<dyn HttpDataPlane>>,
    function_urls: Arc<dyn HttpDataPlane>,
    downloads: Arc<dyn DownloadsPort>,
    certificates: Arc<dyn CertificatesPort>,
    cors: Arc<dyn CorsPort>,
    accesses: Arc<dyn AccessPort>,
    websites: Arc<dyn HttpDataPlane>,
    trail: Option<Trail>,
}

fn open_parts(
    http_apis: Arc<HttpApis>,
    (lambda, sns, s3): (Arc<Lambda>, Arc<Sns>, Arc<S3>),
    trail: Option<Trail>,
) -> Open {
    Open {
        data_planes: vec![http_apis],
        function_urls: lambda.clone(),
        downloads: lambda,
        certificates: sns,
        cors: Arc::new(Pages(Arc::clone(&s3))),
        accesses: s3.clone(),
        websites: s3,
        trail,
    }
}

fn gateway(
    base: &Base,
    services: Vec<Arc<dyn Service>>,
    credentials: Arc<dyn CredentialsPort>,
    open: Open,
    admin: Admin,
) -> Result<Arc<Gateway>> {
    Ok(Arc::new(Gateway::new(Parts {
        services: Services::new(services),
        credentials,
        authorizer: Arc::new(AllowAll),
        data_planes: open.data_planes,
        function_urls: open.function_urls,
        downloads: open.downloads,
        certificates: open.certificates,
        cors: open.cors,
        accesses: Some(open.accesses),
        websites: open.websites,
        trail: open.trail,
        admin,
        clock: base.time(),
        rng: Arc::clone(&base.rng),
        metrics: Metrics::new()?,
    })))
}

fn admin(
    base: &Base,
    logs: Arc<dyn LogsPort>,
    metrics: Arc<CloudWatch>,
    (health, debug, postbox): (Health, Arc<Lambda>, Arc<Sns>),
    (settling, dispatcher): (Vec<Arc<dyn Settles>>, &Arc<Dispatcher>),
) -> Admin {
    let (time, timers, tasks) = (Arc::clone(&base.clock), base.timers.clone(), base.tasks.clone());
    let clock = ClockControl::new(Arc::clone(&base.store), time, timers, tasks);
    settling.into_iter().for_each(|one| clock.settles(one));
    clock.follow();
    let reset = Arc::new(StoreReset::new(Arc::clone(&base.store), metrics));
    let snapshots = Arc::new(StateSnapshots::new(state(base, &health), base.tasks.clone()));
    let (clock, nodes) = (Arc::new(clock), base.nodes.clone());
    let console = Arc::new(Console::new(dispatcher.clone(), base.time()));
    Admin { health, clock, logs, time: base.time(), nodes, reset, snapshots, debug, postbox, console }
}

/// What a snapshot is taken of.
fn state(base: &Base, health: &Health) -> Source {
    let passing = updraft_nodes::all_rows().into_iter().chain([shared::secret_row(), vault::rows()]).collect();
    Source {
        store: Arc::clone(&base.store),
        blobs: Arc::clone(&base.blobs),
        clock: base.time(),
        rng: Arc::clone(&base.rng),
        name: health.store.clone(),
        passing,
    }
}

fn engine(config: &Config, data: &DataFolder) -> ExecConfig {
    let usual = ExecConfig::new(data.code());
    ExecConfig {
        file_systems: config.file_systems.clone(),
        debuggers: config.allow_debug,
        memory_reserve: config.memory_reserve,
        ready_most: config.prepared_most.unwrap_or(usual.ready_most),
        ..usual
    }
}

/// What keeps functions apart on this machine.
///
/// # Errors
/// If not even the means to try can be had.
pub(crate) fn sandboxes(config: &Config) -> Result<Arc<dyn SandboxBackend>> {
    let minimum = if config.allow_weak_sandbox { Level::None } else { Level::Full };
    let settings = updraft_sandbox::Config { minimum, ..Default::default() };
    Ok(Arc::new(ProcessBackend::new(settings).context("sandboxes can't be prepared")?))
}

/// The languages that functions may be written in. `wasm`: a folder for WebAssembly components.
pub(crate) fn runtimes(config: &Config, wasm: Option<PathBuf>) -> Vec<Arc<dyn Runtime>> {
    let (path, home) = (config.path.clone(), config.home.clone());
    let named = |program: &Option<PathBuf>| program.clone().into_iter().collect();
    let python = Arc::new(Python::new(PythonConfig {
        interpreters: named(&config.python),
        path: path.clone(),
        home: home.clone(),
        sdk: sdk::find(Language::Python, config),
        debugpy: config.debugpy.clone(),
    }));
    let tools = Arc::clone(&python);
    let node_sdk = sdk::find(Language::Node, config).map(|folder| sdk::node_modules(&folder));
    let java = JavaConfig { programs: named(&config.java), path: path.clone(), client: java::find(config) };
    let node = Node::new(NodeConfig { interpreters: named(&config.node), path, home, sdk: node_sdk });
    let provided = Provided::new(move || tools.tools("python3.12"));
    vec![
        python,
        Arc::new(node),
        Arc::new(Java::new(java)),
        crate::wasm::beside(Arc::new(provided), wasm.filter(|_| !config.no_wasm)),
    ]
}

fn health(config: &Config, data: &DataFolder) -> Health {
    let store = open::described(config, data);
    Health { version: env!("CARGO_PKG_VERSION"), store, isolation: Arc::default() }
}

/// Finds out how well functions can be kept apart, beside serving: it takes longer than everything else at start.
fn probe(sandboxes: &Arc<dyn SandboxBackend>, config: &Config, health: &Health, tasks: &Tasks) {
    let (sandboxes, found) = (Arc::clone(sandboxes), Arc::clone(&health.isolation));
    let policy = config.function_network.clone();
    tasks.spawn("sandbox probe", async move {
        let isolation = isolation(&*sandboxes, &policy).await;
        found.get_or_init(|| isolation);
    });
}

async fn isolation(sandboxes: &dyn SandboxBackend, policy: &Policy) -> Isolation {
    let report = sandboxes.probe().await;
    let trouble = network::trouble(policy, sandboxes).await;
    let missing = report.rows.iter().filter(|row| !row.found);
    let missing = missing.map(|row| format!("{} is missing: {} ({})", row.name, row.without, row.mend));
    Isolation {
        level: report.level.to_string(),
        warnings: missing.chain(trouble).collect(),
        network: policy.to_string(),
    }
}

/// How the platform reaches servers elsewhere. Whoever else may talk to it isn't to see by it what this machine can.
fn web(config: &Config, base: &Base) -> Web {
    let reach = if config.listen.ip().is_loopback() { Reach::Anywhere } else { Reach::Public };
    Web::new(reach, base.time())
}

/// What functions reach, and how.
fn network(config: &Config, base: &Base) -> Network {
    Network::new(config.function_network.clone(), Arc::new(Host), base.time(), Arc::clone(&base.rng))
}

impl Platform {
    pub(crate) fn gateway(&self) -> Arc<Gateway> {
        Arc::clone(&self.gateway)
    }

    pub(crate) fn health(&self) -> &Health {
        &self.health
    }

    /// Waits until the host has been probed.
    pub(crate) async fn isolation(&self) -> Isolation {
        isolation(&*self.sandboxes, &self.policy).await
    }

    /// Completes when the store refuses to go on.
    pub(crate) async fn poisoned(&self) {
        self.store.watch(Topic::POISONED).changed().await;
    }

    /// Hands this node's work over to the others, if there are any.
    pub(crate) async fn leave(&self) {
        self.nodes.leave().await;
    }

    /// Lets functions finish what they are doing.
    pub(crate) async fn drain(&self, grace: Duration) {
        self.exec.drain(grace).await;
    }

    /// # Errors
    /// If the store can't make its last writes durable.
    pub(crate) async fn close(self) -> Result<()> {
        self.sandboxes.close().await;
        self.store.close().await.context("the store can't be closed")
    }
}
