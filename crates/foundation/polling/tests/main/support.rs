//! A source in memory, a function with a script, and pollers between them.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use updraft_kernel::ports::{
    FunctionPort, InvokeOutcome, InvokeRequest, Mapping, MappingsPort, MetricBatch, MetricsPort,
};
use updraft_kernel::{
    AccountId, Arn, AwsError, BoxFuture, Clock, Ctx, ErrorCode, Region, SeededRng, Tasks, UnixMillis,
};
use updraft_nodes::Nodes;
use updraft_polling::{Parts, Pollers, Record, Source, Taken};
use updraft_store::{Store, StoreExt, Topic, Watch};
use updraft_testkit::{ManualClock, wait_until};
use updraft_timers::Settles;

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const VISIBILITY: Duration = Duration::from_secs(30);
const SOON: Duration = Duration::from_secs(20);
static GONE: ErrorCode = ErrorCode::sender("QueueDoesNotExist", 400);
static THROTTLED: ErrorCode = ErrorCode::sender("TooManyRequestsException", 429);

fn topic() -> Topic {
    Topic::of(&[b"fake"])
}

/// What a source holds: numbers, each hidden until a moment.
#[derive(Debug)]
pub(crate) struct Numbers {
    pub(crate) store: Arc<dyn Store>,
    clock: Arc<ManualClock>,
    pub(crate) held: Mutex<Vec<(u32, UnixMillis)>>,
    /// In the order in which they were dealt with.
    pub(crate) done: Mutex<Vec<u32>>,
    pub(crate) given_back: Mutex<Vec<u32>>,
    pub(crate) takes: AtomicUsize,
    pub(crate) gone: Mutex<bool>,
    /// Bytes that each event is blown up by.
    pub(crate) padding: Mutex<usize>,
}

impl Numbers {
    pub(crate) async fn send(&self, numbers: impl IntoIterator<Item = u32>) {
        let now = self.clock.now();
        self.held.lock().extend(numbers.into_iter().map(|number| (number, now)));
        self.touch().await;
    }

    pub(crate) async fn touch(&self) {
        let mut tx = self.store.write().await.unwrap();
        tx.touch(topic());
        tx.commit().await.unwrap();
    }

    fn take(&self, most: usize) -> Result<Taken<u32>, AwsError> {
        self.takes.fetch_add(1, Ordering::SeqCst);
        if *self.gone.lock() {
            return Err(AwsError::new(&GONE, "The queue is gone."));
        }
        let (now, padding) = (self.clock.now(), *self.padding.lock());
        let hidden_until = now.plus(VISIBILITY);
        let mut held = self.held.lock();
        let visible = held.iter_mut().filter(|(_, until)| *until <= now).take(most);
        let records = visible.map(|(number, until)| {
            *until = hidden_until;
            let event = json!({"n": *number, "pad": "x".repeat(padding)});
            Record { id: number.to_string(), event, trace: None, token: *number }
        });
        let records: Vec<_> = records.collect();
        let next = held.iter().map(|(_, until)| *until).min().filter(|_| records.is_empty());
        Ok(Taken { records, hidden_until, next, anew: false })
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Fake(pub(crate) Arc<Numbers>);

impl Source for Fake {
    type Token = u32;

    fn take(&self, most: usize) -> BoxFuture<'_, Result<Taken<u32>, AwsError>> {
        Box::pin(async move { self.0.take(most) })
    }

    fn watch(&self) -> BoxFuture<'_, Result<Watch, AwsError>> {
        Box::pin(async { Ok(self.0.store.watch(topic())) })
    }

    fn done(&self, records: Vec<u32>) -> BoxFuture<'_, Result<(), AwsError>> {
        Box::pin(async move {
            self.0.held.lock().retain(|(number, _)| !records.contains(number));
            self.0.done.lock().extend(records);
            Ok(())
        })
    }

    fn give_back(&self, records: Vec<u32>) -> BoxFuture<'_, Result<(), AwsError>> {
        Box::pin(async move {
            let now = self.0.clock.now();
            for held in self.0.held.lock().iter_mut().filter(|(number, _)| records.contains(number)) {
                held.1 = now;
            }
            self.0.given_back.lock().extend(records);
            self.0.touch().await;
            Ok(())
        })
    }
}

/// What the function does with its next call.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Plan {
    Answer(&'static str),
    Fail,
    Throttle,
}

/// Does as planned, and then answers `null`. Held calls wait for the gate.
#[derive(Debug)]
pub(crate) struct Function {
    clock: Arc<ManualClock>,
    pub(crate) calls: Mutex<Vec<(UnixMillis, Vec<u32>)>>,
    pub(crate) plans: Mutex<VecDeque<Plan>>,
    pub(crate) held: Mutex<bool>,
    pub(crate) gate: Semaphore,
    pub(crate) running: AtomicUsize,
    pub(crate) most: AtomicUsize,
}

impl FunctionPort for Function {
    fn invoke<'a>(&'a self, _: &'a Ctx, request: InvokeRequest) -> BoxFuture<'a, Result<InvokeOutcome, AwsError>> {
        Box::pin(async move {
            let event: Value = serde_json::from_slice(&request.payload).unwrap();
            let number = |record: &Value| u32::try_from(record["n"].as_u64().unwrap()).unwrap();
            let numbers = event["Records"].as_array().unwrap().iter().map(number).collect();
            self.calls.lock().push((self.clock.now(), numbers));
            let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(running, Ordering::SeqCst);
            let held = *self.held.lock();
            if held {
                self.gate.acquire().await.unwrap().forget();
            }
            self.running.fetch_sub(1, Ordering::SeqCst);
            let plan = self.plans.lock().pop_front().unwrap_or(Plan::Answer("null"));
            let (payload, function_error) = match plan {
                Plan::Answer(text) => (text, None),
                Plan::Fail => (r#"{"errorMessage":"on purpose"}"#, Some("Unhandled")),
                Plan::Throttle => return Err(AwsError::new(&THROTTLED, "Rate Exceeded.")),
            };
            let payload = Bytes::from_static(payload.as_bytes());
            Ok(InvokeOutcome { status: 200, payload, function_error, log_tail: None, executed_version: "1".into() })
        })
    }
}

#[derive(Debug, Default)]
pub(crate) struct Told(pub(crate) Mutex<Vec<String>>);

impl MappingsPort for Told {
    fn processed<'a>(&'a self, _: &'a Mapping, result: &'a str) -> BoxFuture<'a, Result<(), AwsError>> {
        self.0.lock().push(result.to_owned());
        Box::pin(std::future::ready(Ok(())))
    }
}

#[derive(Debug, Default)]
pub(crate) struct Counted(pub(crate) Mutex<Vec<MetricBatch>>);

impl MetricsPort for Counted {
    fn record(&self, batch: MetricBatch) {
        self.0.lock().push(batch);
    }
}

/// An ordinary one.
pub(crate) fn mapping() -> Mapping {
    Mapping {
        uuid: "u".into(),
        revision: 1,
        account: AccountId::local(),
        region: Region::default_region(),
        source: Arn::parse("arn:aws:fake:us-east-1:000000000000:q").unwrap(),
        function: Arn::parse("arn:aws:lambda:us-east-1:000000000000:function:f").unwrap(),
        batch: 10,
        window: Duration::ZERO,
        filters: vec![],
        reports_failures: false,
        max_concurrency: None,
        counts: false,
        stream: None,
    }
}

pub(crate) struct World {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) source: Fake,
    pub(crate) function: Arc<Function>,
    pub(crate) told: Arc<Told>,
    pub(crate) counted: Arc<Counted>,
    pub(crate) pollers: Pollers,
    pub(crate) tasks: Tasks,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::on(&Nodes::alone())
    }

    pub(crate) fn on(nodes: &Nodes) -> Self {
        let (store, clock) = (updraft_store_mem::open().unwrap(), Arc::new(ManualClock::default()));
        let numbers = Numbers {
            store,
            clock: Arc::clone(&clock),
            held: Mutex::default(),
            done: Mutex::default(),
            given_back: Mutex::default(),
            takes: AtomicUsize::new(0),
            gone: Mutex::default(),
            padding: Mutex::default(),
        };
        let function = Arc::new(Function {
            clock,
            calls: Mutex::default(),
            plans: Mutex::default(),
            held: Mutex::default(),
            gate: Semaphore::new(0),
            running: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
        });
        Self::of(Fake(Arc::new(numbers)), function, nodes)
    }

    /// Another node, with the same source and a function of its own.
    pub(crate) fn beside(&self, nodes: &Nodes) -> Self {
        Self::of(self.source.clone(), Self::new().function, nodes)
    }

    fn of(source: Fake, function: Arc<Function>, nodes: &Nodes) -> Self {
        let (clock, tasks) = (Arc::clone(&source.0.clock), Tasks::new());
        let (told, counted) = (Arc::<Told>::default(), Arc::<Counted>::default());
        let functions = Arc::clone(&function) as Arc<dyn FunctionPort>;
        let mappings = Arc::clone(&told) as Arc<dyn MappingsPort>;
        let parts = Parts {
            functions: Arc::downgrade(&functions),
            mappings: Arc::downgrade(&mappings),
            metrics: Arc::clone(&counted) as Arc<dyn MetricsPort>,
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            rng: Arc::new(SeededRng::new(1)),
            tasks: tasks.clone(),
        };
        let pollers = Pollers::new("fake", parts, nodes);
        Self { clock, source, function, told, counted, pollers, tasks }
    }

    /// Polls, with what `change` makes of an ordinary mapping.
    pub(crate) fn begin(&self, change: impl FnOnce(&mut Mapping)) {
        let mut mapping = mapping();
        change(&mut mapping);
        self.pollers.begin(&Arc::new(mapping), self.source.clone()).unwrap();
    }

    /// Until nothing is left to do at this moment.
    pub(crate) async fn settle(&self) {
        while self.pollers.settle().await {}
    }

    pub(crate) async fn advance(&self, by: Duration) {
        self.clock.advance(by);
        self.settle().await;
    }

    /// The records of each call so far.
    pub(crate) fn calls(&self) -> Vec<Vec<u32>> {
        self.function.calls.lock().iter().map(|(_, numbers)| numbers.clone()).collect()
    }

    pub(crate) fn done(&self) -> Vec<u32> {
        let mut done = self.source.0.done.lock().clone();
        done.sort_unstable();
        done
    }

    pub(crate) fn plan(&self, plans: &[Plan]) {
        self.function.plans.lock().extend(plans);
    }

    pub(crate) fn hold(&self) {
        *self.function.held.lock() = true;
    }

    pub(crate) fn let_go(&self, calls: usize) {
        self.function.gate.add_permits(calls);
    }

    pub(crate) fn running(&self) -> usize {
        self.function.running.load(Ordering::SeqCst)
    }

    pub(crate) async fn until(&self, holds: impl FnMut() -> bool) {
        wait_until(SOON, holds).await.unwrap();
    }

    pub(crate) async fn stop(self) {
        self.tasks.stop().await;
        assert_eq!(self.tasks.panics(), 0);
    }
}
