//! One store, two nodes, one virtual time.

use std::sync::Arc;
use std::time::Duration;

use updraft_kernel::{BoxFuture, Clock, OsRng, SystemClock, Tasks, UnixMillis, VirtualClock};
use updraft_nodes::{Nodes, Parts, Settings};
use updraft_store::{CommitVersion, Limits, Result, Store, Topic, Txn, TxnKind, Watch};
use updraft_testkit::wait_until;
use updraft_timers::{ClockControl, Timers, load_clock};

use crate::support::{Recorder, at, count, schedule, store};

const DAY: Duration = Duration::from_secs(86_400);
const DEADLINE: Duration = Duration::from_secs(60);

/// A store that says it is shared, as one on a network does.
#[derive(Debug)]
struct Shared(Arc<dyn Store>);

impl Store for Shared {
    fn begin(&self, kind: TxnKind) -> BoxFuture<'_, Result<Box<dyn Txn>>> {
        self.0.begin(kind)
    }
    fn watch(&self, topic: Topic) -> Watch {
        self.0.watch(topic)
    }
    fn limits(&self) -> Limits {
        self.0.limits()
    }
    fn now(&self) -> BoxFuture<'_, Result<UnixMillis>> {
        self.0.now()
    }
    fn is_shared(&self) -> bool {
        true
    }
    fn raise_version(&self, at_least: CommitVersion) -> BoxFuture<'_, Result<CommitVersion>> {
        self.0.raise_version(at_least)
    }
    fn close(&self) -> BoxFuture<'_, Result<()>> {
        self.0.close()
    }
}

struct Node {
    clock: Arc<VirtualClock>,
    timers: Timers,
    recorder: Arc<Recorder>,
    control: ClockControl,
    nodes: Nodes,
    tasks: Tasks,
}

/// As the binary puts it together at its start.
async fn start(store: &Arc<dyn Store>, name: &str) -> Node {
    let settings = Settings::new(name, "", "0");
    let (time, rng) = (Arc::new(SystemClock::new()), Arc::new(OsRng));
    let nodes = Nodes::join(Parts { store: Arc::clone(store), clock: time, rng, settings }).await.unwrap();
    let clock = Arc::new(load_clock(&**store).await.unwrap());
    let timers = Timers::new(Arc::clone(store), Arc::clone(&clock) as Arc<dyn Clock>, &nodes);
    let (recorder, tasks) = (Recorder::on(&timers), Tasks::new());
    let control = ClockControl::new(Arc::clone(store), Arc::clone(&clock), timers.clone(), tasks.clone());
    timers.start(&tasks);
    control.follow();
    nodes.start(&tasks);
    Node { clock, timers, recorder, control, nodes, tasks }
}

async fn two() -> (Arc<dyn Store>, Node, Node) {
    let store: Arc<dyn Store> = Arc::new(Shared(store()));
    let (a, b) = (start(&store, "a").await, start(&store, "b").await);
    (store, a, b)
}

/// Both have buckets.
async fn settled(a: &Node, b: &Node) {
    for node in [a, b] {
        updraft_testkit::wait_until_async(DEADLINE, async || {
            node.nodes.list().await.unwrap().iter().all(|info| info.leases >= Some(6))
        })
        .await
        .unwrap();
    }
}

#[tokio::test]
async fn a_move_on_one_node_fires_what_is_due_on_both_in_order() {
    let (store, a, b) = two().await;
    settled(&a, &b).await;
    let t0 = a.clock.now();
    for n in 1..=40u32 {
        schedule(&store, &a.timers, at(&format!("t{n:02}"), t0.plus(DAY / 40 * n), "")).await;
    }
    let after = a.control.advance(DAY).await.unwrap();
    assert!(after.now >= t0.plus(DAY));
    for n in 1..=40 {
        assert_eq!(count(&store, &format!("t{n:02}")).await, 1, "by the time the advance is answered");
    }
    let (on_a, on_b) = (a.recorder.fired.lock().clone(), b.recorder.fired.lock().clone());
    assert!(!on_a.is_empty() && !on_b.is_empty(), "{} and {}", on_a.len(), on_b.len());
    assert!(on_a.is_sorted() && on_b.is_sorted(), "each in order");
    let mut all: Vec<_> = on_a.into_iter().chain(on_b).collect();
    all.sort();
    let expected: Vec<_> = (1..=40u32).map(|n| (format!("t{n:02}"), t0.plus(DAY / 40 * n))).collect();
    assert_eq!(all, expected, "each at its very moment");
    wait_until(DEADLINE, || b.clock.now() >= t0.plus(DAY)).await.unwrap();
    stop(&[&a, &b]).await;
}

#[tokio::test]
async fn time_set_back_on_one_node_is_set_back_on_the_other() {
    let (_store, a, b) = two().await;
    let t0 = a.clock.now();
    a.control.advance(DAY).await.unwrap();
    wait_until(DEADLINE, || b.clock.now() >= t0.plus(DAY)).await.unwrap();
    b.control.reset().await.unwrap();
    wait_until(DEADLINE, || a.clock.now() < t0.plus(DAY / 2)).await.unwrap();
    let state = a.control.get();
    assert!(state.offset_millis.abs() < 1_000, "{state:?}");
    stop(&[&a, &b]).await;
}

#[tokio::test]
async fn moves_asked_for_on_two_nodes_are_one_behind_the_other() {
    let (store, a, b) = two().await;
    settled(&a, &b).await;
    let t0 = a.clock.now();
    for n in 1..=20u32 {
        schedule(&store, &a.timers, at(&format!("t{n:02}"), t0.plus(DAY / 10 * n), "")).await;
    }
    let (one, two) = tokio::join!(a.control.advance(DAY), b.control.advance(DAY));
    assert!(one.unwrap().now.max(two.unwrap().now) >= t0.plus(DAY * 2));
    for n in 1..=20 {
        assert_eq!(count(&store, &format!("t{n:02}")).await, 1);
    }
    stop(&[&a, &b]).await;
}

/// Runs until a long move is well under way, and is then dropped with all of its tasks.
async fn die_within_a_move(store: Arc<dyn Store>) -> UnixMillis {
    let a = start(&store, "a").await;
    schedule(&store, &a.timers, at("forever", a.clock.now(), "every:86400000")).await;
    tokio::select! {
        _ = a.control.advance(DAY * 1_000_000) => panic!("it takes long, one day after the other"),
        fired = wait_until(DEADLINE, || a.recorder.ids().len() > 10) => fired.unwrap(),
    }
    a.clock.now()
}

#[tokio::test]
async fn a_node_that_dies_within_a_move_leaves_no_time_that_stands_still() {
    let store: Arc<dyn Store> = Arc::new(Shared(store()));
    let there = Arc::clone(&store);
    let one_life = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(die_within_a_move(there))
    };
    let then = tokio::task::spawn_blocking(one_life).await.unwrap();
    let b = start(&store, "b").await;
    wait_until(DEADLINE, || b.clock.now() > then).await.unwrap();
    let stood = b.clock.now();
    wait_until(DEADLINE, || b.clock.now() > stood).await.unwrap();
    b.control.advance(DAY).await.unwrap();
    assert!(b.recorder.ids().contains(&"forever".to_owned()), "its timers are the other's now");
    stop(&[&b]).await;
}

async fn stop(nodes: &[&Node]) {
    for node in nodes {
        node.tasks.stop().await;
        assert_eq!(node.tasks.panics(), 0);
    }
}
