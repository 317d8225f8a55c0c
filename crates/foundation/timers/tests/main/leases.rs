//! Several nodes on one store: each timer is fired by whoever has its bucket.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::Semaphore;
use updraft_kernel::{BoxFuture, Clock, SeededRng, SystemClock, Tasks, UnixMillis};
use updraft_nodes::{Nodes, Parts, Settings};
use updraft_store::{KeyBuilder, Store, StoreExt, Tx, tags};
use updraft_testkit::{ManualClock, wait_until, wait_until_async};
use updraft_timers::{FireError, Timer, TimerOwner, Timers};

use crate::support::{OWNER, Recorder, SECOND, at, count, schedule, store};

/// One process. All share virtual time; heart-beats are on real time.
struct Node {
    nodes: Nodes,
    timers: Timers,
    recorder: Arc<Recorder>,
    tasks: Tasks,
}

async fn node(store: &Arc<dyn Store>, clock: &Arc<ManualClock>, number: u64) -> Node {
    let settings = Settings {
        beat: Duration::from_millis(20),
        ttl: Duration::from_millis(2_000),
        grace: Duration::from_millis(300),
        ..Settings::new(&format!("node {number}"), "", "test")
    };
    let (real, rng) = (Arc::new(SystemClock::new()), Arc::new(SeededRng::new(number)));
    let nodes = Nodes::join(Parts { store: Arc::clone(store), clock: real, rng, settings }).await.unwrap();
    let timers = Timers::new(Arc::clone(store), Arc::clone(clock) as Arc<dyn Clock>, &nodes);
    let recorder = Recorder::on(&timers);
    let tasks = Tasks::new();
    Node { nodes, timers, recorder, tasks }
}

impl Node {
    fn start(&self) {
        self.nodes.start(&self.tasks);
        self.timers.start(&self.tasks);
    }

    /// As SIGTERM does it.
    async fn leave(self) {
        self.nodes.leave().await;
        self.tasks.stop().await;
        assert_eq!(self.tasks.panics(), 0);
    }
}

/// Schedules timers that are due now, named `{name}0` and on.
async fn many(store: &Arc<dyn Store>, node: &Node, clock: &ManualClock, name: &str) {
    for n in 0..100 {
        schedule(store, &node.timers, at(&format!("{name}{n}"), clock.now(), "")).await;
    }
}

async fn each_once(store: &Arc<dyn Store>, name: &str) {
    for n in 0..100 {
        assert_eq!(count(store, &format!("{name}{n}")).await, 1, "{name}{n}");
    }
}

#[tokio::test]
async fn nodes_share_the_buckets_and_hand_them_over_when_one_leaves() {
    let (store, clock) = (store(), Arc::new(ManualClock::default()));
    let (one, two) = (node(&store, &clock, 1).await, node(&store, &clock, 2).await);
    one.start();
    two.start();
    let leases = async |node: &Node| {
        let all = node.nodes.list().await.unwrap();
        all.iter().filter_map(|info| info.leases).filter(|held| *held >= 4).count()
    };
    wait_until_async(SECOND * 20, async || leases(&one).await == 2).await.unwrap();
    many(&store, &one, &clock, "shared").await;
    let fired = |node: &Node| node.recorder.ids().len();
    wait_until(SECOND * 20, || fired(&one) + fired(&two) >= 100).await.unwrap();
    assert!(fired(&one) > 0 && fired(&two) > 0, "both have a part");
    wait_until_async(SECOND * 20, async || one.timers.next_due().await.unwrap().is_none()).await.unwrap();
    each_once(&store, "shared").await;

    one.leave().await;
    many(&store, &two, &clock, "left").await;
    wait_until_async(SECOND * 20, async || two.timers.next_due().await.unwrap().is_none()).await.unwrap();
    each_once(&store, "left").await;
    two.leave().await;
}

/// Waits within a firing until it may go on.
#[derive(Debug)]
struct Slow(Semaphore);

impl TimerOwner for Slow {
    fn fire<'a>(&'a self, tx: &'a mut Tx, timer: &'a Timer, _: UnixMillis) -> BoxFuture<'a, Result<(), FireError>> {
        Box::pin(async move {
            if let Ok(permit) = self.0.acquire().await {
                permit.forget();
            }
            tx.raw().add_i64(KeyBuilder::new(tags::TEST).str(&timer.id).build(), 1);
            Ok(())
        })
    }
}

#[tokio::test]
async fn a_node_that_was_too_slow_fires_nothing_any_more() {
    let (store, clock) = (store(), Arc::new(ManualClock::default()));
    let (one, two) = (node(&store, &clock, 1).await, node(&store, &clock, 2).await);
    let (slow, quick) = (Arc::new(Slow(Semaphore::new(0))), Arc::new(Slow(Semaphore::new(1))));
    one.timers.register("slow", Arc::clone(&slow) as Arc<dyn TimerOwner>);
    two.timers.register("slow", Arc::clone(&quick) as Arc<dyn TimerOwner>);
    one.start();
    let mut timer = at("one", clock.now(), "");
    timer.owner = "slow";
    schedule(&store, &one.timers, timer).await;
    // It has begun, since nothing else takes the bucket's turn.
    let begun = async || one.timers.run_due().now_or_never().is_none();
    wait_until_async(SECOND * 20, begun).await.unwrap();

    two.start();
    one.nodes.leave().await;
    wait_until_async(SECOND * 20, async || count(&store, "one").await == 1).await.unwrap();
    slow.0.add_permits(10);
    wait_until_async(SECOND * 20, async || !begun().await).await.unwrap();
    assert_eq!(slow.0.available_permits(), 9, "it went on, and could not commit");
    one.tasks.stop().await;
    assert_eq!(count(&store, "one").await, 1, "once");
    two.leave().await;
}

#[tokio::test]
async fn a_node_that_has_nothing_fires_nothing_and_still_sees_what_is_due() {
    let (store, clock) = (store(), Arc::new(ManualClock::default()));
    let one = node(&store, &clock, 1).await;
    many(&store, &one, &clock, "t").await;
    assert_eq!(one.timers.run_due().await.unwrap(), 0, "it has not begun to work");
    assert_eq!(one.timers.next_due().await.unwrap(), Some(clock.now()));
    let mut tx = store.write().await.unwrap();
    assert!(one.timers.cancel(&mut tx, OWNER, "t0").await.unwrap(), "anybody may cancel");
    drop(tx);
    one.start();
    wait_until(SECOND * 20, || one.recorder.ids().len() == 100).await.unwrap();
    one.leave().await;
    each_once(&store, "t").await;
}
