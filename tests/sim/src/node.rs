//! One node: what `compose` makes of the parts, as far as it is simulated.

use std::collections::BTreeSet;
use std::sync::Arc;

use updraft_blob::Blobs;
use updraft_delivery::Outbox;
use updraft_dynamodb::DynamoDb;
use updraft_events::EventBridge;
use updraft_kernel::ports::{EventTargets, FunctionPort, MappingsPort, NoLogs, NoMetrics, NoObjects, RunnerPort};
use updraft_kernel::{AccountId, Clock, Ctx, Identity, Region, RequestId, Rng, RngExt, SeededRng, Tasks};
use updraft_lambda::Lambda;
use updraft_nodes::{JoinError, Lease, Nodes, Settings};
use updraft_pipes::Pipes;
use updraft_polling::Pollers;
use updraft_s3::S3;
use updraft_scheduler::Scheduler;
use updraft_sns::Sns;
use updraft_sqs::{PolledQueues, Sqs};
use updraft_states::StepFunctions;
use updraft_store::Store;
use updraft_store::faults::FaultyStore;
use updraft_timers::{BUCKETS, Timers};

use crate::clock::SimClock;
use crate::journal::Journal;
use crate::models::{Keys, Outside};

/// What a node is started from.
pub(crate) struct Parts {
    pub(crate) name: String,
    pub(crate) way: FaultyStore,
    pub(crate) clock: SimClock,
    pub(crate) rng: Arc<SeededRng>,
    pub(crate) blobs: Arc<dyn Blobs>,
    pub(crate) keys: Arc<Keys>,
    pub(crate) runner: Arc<dyn RunnerPort>,
    pub(crate) outside: Arc<Outside>,
    pub(crate) journal: Arc<Journal>,
}

pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) way: FaultyStore,
    pub(crate) clock: SimClock,
    pub(crate) rng: Arc<SeededRng>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) tasks: Tasks,
    pub(crate) timers: Timers,
    pub(crate) outbox: Outbox,
    pub(crate) dynamodb: Arc<dyn updraft_wire::Service>,
    pub(crate) events: Arc<EventBridge>,
    pub(crate) lambda: Arc<Lambda>,
    pub(crate) pipes: Arc<Pipes>,
    pub(crate) s3: Arc<S3>,
    pub(crate) scheduler: Arc<Scheduler>,
    pub(crate) sns: Arc<Sns>,
    pub(crate) sqs: Arc<Sqs>,
    pub(crate) states: Arc<StepFunctions>,
    /// Of everything that one node alone may do.
    pub(crate) leases: Vec<Lease>,
    nodes: Nodes,
    inner: Arc<DynamoDb>,
}

/// How many logs the outbox has.
const SHARDS: u8 = 16;

impl Node {
    /// In the order of `compose`; nothing works yet.
    pub(crate) async fn join(parts: Parts) -> Result<Self, JoinError> {
        let Parts { name, way, clock, rng, blobs, keys, runner, outside, journal } = parts;
        let store: Arc<dyn Store> = Arc::new(way.clone());
        let time: Arc<dyn Clock> = Arc::new(clock);
        let chance: Arc<dyn Rng> = rng.clone();
        let nodes = Nodes::join(updraft_nodes::Parts {
            store: Arc::clone(&store),
            clock: Arc::clone(&time),
            rng: Arc::clone(&chance),
            settings: Settings::new(&name, "127.0.0.1:4566", "0.0.0"),
        })
        .await?;
        let tasks = Tasks::new();
        let timers = Timers::new(Arc::clone(&store), Arc::clone(&time), &nodes);
        let outbox = Outbox::new(Arc::clone(&store), Arc::clone(&time), Arc::clone(&chance), timers.clone(), &nodes);
        let base = Base { store: Arc::clone(&store), clock: time, rng: chance, outbox: &outbox, timers: &timers };
        let s3 = s3((Arc::clone(&blobs), keys), &base);
        let lambda = lambda((runner, blobs), &base);
        let sqs = sqs(&base);
        let events = events(&outside, &lambda, &base);
        let scheduler = scheduler(&outside, &base);
        let pipes = pipes(&outside, (&lambda, &sqs), &base, (&nodes, &tasks));
        let states = states(&outside, (&lambda, &events), &base);
        let sns = sns(outside, &lambda, &base);
        let inner = Arc::new(DynamoDb::new(store, timers.clone()));
        let dynamodb = updraft_api_dynamodb::service(Arc::clone(&inner) as Arc<dyn updraft_api_dynamodb::DynamoDb>);
        let leases = leases(&nodes);
        Ok(Self {
            name,
            way,
            clock,
            rng,
            journal,
            tasks,
            timers,
            outbox,
            dynamodb,
            events,
            lambda,
            pipes,
            s3,
            scheduler,
            sns,
            sqs,
            states,
            leases,
            nodes,
            inner,
        })
    }

    /// Everything that goes on by itself.
    pub(crate) fn start(&self) {
        self.inner.start(Arc::new(self.clock), &self.nodes, &self.tasks);
        self.outbox.start(&self.tasks);
        self.timers.start(&self.tasks);
        self.pipes.start(&self.tasks);
        self.nodes.start(&self.tasks);
    }

    /// The context of one more request.
    pub(crate) fn cx(&self) -> Ctx {
        Ctx {
            identity: Arc::new(Identity::root(AccountId::local())),
            account: AccountId::local(),
            region: Region::default_region(),
            request_id: RequestId::new(self.rng.uuid()),
            clock: Arc::new(self.clock),
            rng: Arc::clone(&self.rng) as Arc<dyn Rng>,
            endpoint: "http://127.0.0.1:4566".into(),
            trace: None,
            source_ip: None,
            via: None,
        }
    }
}

/// What every service is made of.
struct Base<'a> {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    outbox: &'a Outbox,
    timers: &'a Timers,
}

fn lambda((runner, blobs): (Arc<dyn RunnerPort>, Arc<dyn Blobs>), base: &Base<'_>) -> Arc<Lambda> {
    let settings = updraft_lambda::Settings { serves_code: false, ..updraft_lambda::Settings::default() };
    Lambda::new(updraft_lambda::Parts {
        store: Arc::clone(&base.store),
        blobs,
        runner,
        metrics: Arc::new(NoMetrics),
        clock: Arc::clone(&base.clock),
        rng: Arc::clone(&base.rng),
        outbox: base.outbox.clone(),
        targets: EventTargets::default(),
        timers: base.timers.clone(),
        objects: Arc::new(NoObjects),
        file_systems: BTreeSet::new(),
        settings,
    })
}

fn s3((blobs, secrets): (Arc<dyn Blobs>, Arc<Keys>), base: &Base<'_>) -> Arc<S3> {
    S3::new(updraft_s3::Parts {
        store: Arc::clone(&base.store),
        blobs,
        clock: Arc::clone(&base.clock),
        rng: Arc::clone(&base.rng),
        outbox: base.outbox.clone(),
        timers: base.timers.clone(),
        targets: EventTargets::default(),
        secrets,
    })
}

fn sqs(base: &Base<'_>) -> Arc<Sqs> {
    Sqs::new(updraft_sqs::Parts {
        store: Arc::clone(&base.store),
        clock: Arc::clone(&base.clock),
        rng: Arc::clone(&base.rng),
        metrics: Arc::new(NoMetrics),
        timers: base.timers.clone(),
        strict: false,
    })
}

fn sns(outside: Arc<Outside>, lambda: &Arc<Lambda>, base: &Base<'_>) -> Arc<Sns> {
    Sns::new(updraft_sns::Parts {
        store: Arc::clone(&base.store),
        clock: Arc::clone(&base.clock),
        rng: Arc::clone(&base.rng),
        metrics: Arc::new(NoMetrics),
        logs: Arc::new(NoLogs),
        outbox: base.outbox.clone(),
        timers: base.timers.clone(),
        strict: false,
        queues: outside.clone(),
        functions: lambda.clone(),
        web: outside.clone(),
        secrets: outside,
        outward: updraft_sns::Outward::default(),
    })
}

fn events(outside: &Arc<Outside>, lambda: &Arc<Lambda>, base: &Base<'_>) -> Arc<EventBridge> {
    EventBridge::new(updraft_events::Parts {
        store: Arc::clone(&base.store),
        clock: Arc::clone(&base.clock),
        rng: Arc::clone(&base.rng),
        metrics: Arc::new(NoMetrics),
        logs: Arc::new(NoLogs),
        outbox: base.outbox.clone(),
        timers: base.timers.clone(),
        queues: outside.clone(),
        functions: lambda.clone(),
        web: outside.clone(),
        secrets: outside.clone(),
        targets: EventTargets::default(),
    })
}

fn scheduler(outside: &Arc<Outside>, base: &Base<'_>) -> Arc<Scheduler> {
    Scheduler::new(updraft_scheduler::Parts {
        store: Arc::clone(&base.store),
        clock: Arc::clone(&base.clock),
        rng: Arc::clone(&base.rng),
        metrics: Arc::new(NoMetrics),
        outbox: base.outbox.clone(),
        timers: base.timers.clone(),
        targets: EventTargets::default(),
        queues: outside.clone(),
        dispatch: outside.clone(),
        endpoint: "http://127.0.0.1:4566".into(),
    })
}

fn states(
    outside: &Arc<Outside>,
    (lambda, events): (&Arc<Lambda>, &Arc<EventBridge>),
    base: &Base<'_>,
) -> Arc<StepFunctions> {
    StepFunctions::new(updraft_states::Parts {
        store: Arc::clone(&base.store),
        clock: Arc::clone(&base.clock),
        rng: Arc::clone(&base.rng),
        outbox: base.outbox.clone(),
        timers: base.timers.clone(),
        functions: lambda.clone(),
        connections: events.connections(),
        // Nobody's task calls one.
        http_apis: lambda.clone(),
        dispatch: outside.clone(),
        logs: Arc::new(NoLogs),
        metrics: Arc::new(NoMetrics),
        targets: EventTargets::default(),
        endpoint: "http://127.0.0.1:4566".into(),
        mocks: None,
        modelled: updraft_states::Modelled::default(),
        inputs: updraft_states::Inputs::default(),
    })
}

/// From the queues that are simulated, to those outside.
fn pipes(
    outside: &Arc<Outside>,
    (lambda, sqs): (&Arc<Lambda>, &Arc<Sqs>),
    base: &Base<'_>,
    (nodes, tasks): (&Nodes, &Tasks),
) -> Arc<Pipes> {
    let pipes = Pipes::new(updraft_pipes::Parts {
        store: Arc::clone(&base.store),
        clock: Arc::clone(&base.clock),
        rng: Arc::clone(&base.rng),
        functions: lambda.clone(),
        queues: outside.clone(),
        logs: Arc::new(NoLogs),
        targets: EventTargets::default(),
        dispatch: outside.clone(),
    });
    let (functions, mappings): (Arc<dyn FunctionPort>, Arc<dyn MappingsPort>) = (pipes.clone(), pipes.clone());
    let parts = updraft_polling::Parts {
        functions: Arc::downgrade(&functions),
        mappings: Arc::downgrade(&mappings),
        metrics: Arc::new(NoMetrics),
        clock: Arc::clone(&base.clock),
        rng: Arc::clone(&base.rng),
        tasks: tasks.clone(),
    };
    let pollers = Arc::new(Pollers::new("pipes", parts, nodes));
    pipes.poll_with("sqs", Arc::new(PolledQueues::new(Arc::clone(sqs), pollers)));
    pipes
}

fn leases(nodes: &Nodes) -> Vec<Lease> {
    let buckets = (0..BUCKETS).map(|number| format!("timers/{number}"));
    let shards = (0..SHARDS).map(|number| format!("delivery/{number}"));
    let others = std::iter::once("dynamodb/jobs".to_owned());
    buckets.chain(shards).chain(others).map(|name| nodes.lease(&name)).collect()
}
