//! A platform with an outbox and one target that does as it is told.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Semaphore;
use updraft_delivery::{Attempt, Backoff, DeadLetter, Delivery, Outbox, RetryPolicy, Target, Verdict};
use updraft_kernel::{BoxFuture, Clock, SeededRng, Tasks, UnixMillis};
use updraft_nodes::Nodes;
use updraft_store::{Store, StoreExt};
use updraft_testkit::ManualClock;
use updraft_timers::{Settles, Timers};

pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// What a target was given: the delivery, the attempt, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) delivery: Delivery,
    pub(crate) attempt: u32,
    pub(crate) busy: u32,
    pub(crate) at: UnixMillis,
}

/// Answers what was planned for a delivery's id, and then `Done`. Holds those whose target is `stuck`.
#[derive(Debug)]
pub(crate) struct Scripted {
    pub(crate) given: Mutex<Vec<Given>>,
    plans: Mutex<HashMap<String, Vec<Verdict>>>,
    pub(crate) gate: Semaphore,
    clock: Arc<dyn Clock>,
}

impl Scripted {
    pub(crate) fn plan(&self, id: &str, verdicts: &[Verdict]) {
        self.plans.lock().insert(id.to_owned(), verdicts.iter().rev().cloned().collect());
    }

    /// The ids in the order they came, with repetitions.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.given.lock().iter().map(|given| given.delivery.id.clone()).collect()
    }
}

impl Target for Scripted {
    fn deliver<'a>(&'a self, delivery: &'a Delivery, attempt: Attempt) -> BoxFuture<'a, Verdict> {
        Box::pin(async move {
            let (delivery_given, Attempt { number, busy, .. }) = (delivery.clone(), attempt);
            let given = Given { delivery: delivery_given, attempt: number, busy, at: self.clock.now() };
            self.given.lock().push(given);
            if delivery.target == "hangs" {
                std::future::pending::<()>().await;
            }
            if delivery.target == "fails" {
                return retry();
            }
            if delivery.target == "stuck" {
                self.gate.acquire().await.unwrap().forget();
            }
            self.plans.lock().get_mut(&delivery.id).and_then(Vec::pop).unwrap_or(Verdict::Done)
        })
    }

    fn concurrency(&self) -> usize {
        2
    }

    fn patience(&self) -> Duration {
        SECOND * 1_000_000
    }
}

/// One run of the platform.
pub(crate) struct Platform {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) timers: Timers,
    pub(crate) outbox: Outbox,
    pub(crate) target: Arc<Scripted>,
    pub(crate) tasks: Tasks,
}

pub(crate) fn store() -> Arc<dyn Store> {
    updraft_store_mem::open().unwrap()
}

/// Starts the platform over what `store` holds.
pub(crate) fn start(store: &Arc<dyn Store>) -> Platform {
    let clock = Arc::new(ManualClock::default());
    let timers = Timers::new(Arc::clone(store), Arc::clone(&clock) as Arc<dyn Clock>, &Nodes::alone());
    Platform { clock: Arc::clone(&clock), ..start_on(store, clock, timers) }
}

/// The same on a clock of the test's own.
pub(crate) fn start_on(store: &Arc<dyn Store>, clock: Arc<dyn Clock>, timers: Timers) -> Platform {
    start_with(store, clock, timers, &Nodes::alone())
}

/// The same as one of many nodes.
pub(crate) fn start_with(store: &Arc<dyn Store>, clock: Arc<dyn Clock>, timers: Timers, nodes: &Nodes) -> Platform {
    let (store, tasks) = (Arc::clone(store), Tasks::new());
    let rng = Arc::new(SeededRng::new(1));
    let outbox = Outbox::new(Arc::clone(&store), Arc::clone(&clock), rng, timers.clone(), nodes);
    let (given, plans, gate) = (Mutex::default(), Mutex::default(), Semaphore::new(0));
    let target = Arc::new(Scripted { given, plans, gate, clock });
    outbox.register("test", Arc::clone(&target) as Arc<dyn Target>);
    outbox.start(&tasks);
    Platform { store, clock: Arc::default(), timers, outbox, target, tasks }
}

impl Platform {
    /// Enqueues each in a transaction of its own.
    pub(crate) async fn enqueue(&self, deliveries: impl IntoIterator<Item = Delivery>) {
        for delivery in deliveries {
            let mut tx = self.store.write().await.unwrap();
            assert!(self.outbox.enqueue(&mut tx, delivery).await.unwrap());
            tx.commit().await.unwrap();
        }
    }

    /// Runs everything due now, and what it causes.
    pub(crate) async fn settle(&self) {
        while self.timers.run_due().await.unwrap() > 0 || self.outbox.settle().await {}
    }

    /// Enqueues many, in transactions of a thousand.
    pub(crate) async fn enqueue_many(&self, deliveries: impl IntoIterator<Item = Delivery>) {
        let mut deliveries = deliveries.into_iter().peekable();
        while deliveries.peek().is_some() {
            let mut tx = self.store.write().await.unwrap();
            for delivery in deliveries.by_ref().take(1_000) {
                assert!(self.outbox.enqueue(&mut tx, delivery).await.unwrap());
            }
            tx.commit().await.unwrap();
        }
    }

    /// How many were delivered to this target so far, with repetitions.
    pub(crate) fn delivered(&self, target: &str) -> usize {
        self.target.given.lock().iter().filter(|given| given.delivery.target == target).count()
    }

    /// Moves on, and runs what is due then.
    pub(crate) async fn pass(&self, span: Duration) {
        self.clock.advance(span);
        self.settle().await;
    }

    /// Ends it as a crash does: nothing under way is finished.
    pub(crate) async fn crash(self) {
        self.tasks.stop().await;
        assert_eq!(self.tasks.panics(), 0);
    }

    /// How many rows of the outbox and the timers there are.
    pub(crate) async fn rows(&self) -> usize {
        let range = updraft_store::KeyRange::new(&[0x02][..], &[0x04][..]);
        let options = updraft_store::ScanOptions::default();
        self.store.read().await.unwrap().raw().scan(range, options).await.unwrap().rows.len()
    }
}

/// A delivery with pauses of one second, three attempts and a dead-letter target.
pub(crate) fn delivery(id: &str, target: &str) -> Delivery {
    Delivery {
        id: id.to_owned(),
        kind: "test".to_owned(),
        target: target.to_owned(),
        ordering_key: None,
        payload: b"body".to_vec(),
        policy: RetryPolicy { max_attempts: 3, max_age: SECOND * 3600, backoff: Backoff::Schedule(vec![SECOND]) },
        dead_letter: Some(DeadLetter { kind: "test".to_owned(), target: "dead".to_owned() }),
        failure: None,
        dedup_for: None,
    }
}

pub(crate) fn ordered(id: &str, key: &str) -> Delivery {
    Delivery { ordering_key: Some(key.to_owned()), ..delivery(id, "t") }
}

pub(crate) fn retry() -> Verdict {
    Verdict::Retry { reason: "not now".to_owned(), after: None }
}
