//! Several nodes on one store: each shard's deliveries are carried out by whoever has it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use updraft_kernel::{Clock, SeededRng, SystemClock};
use updraft_nodes::{Nodes, Parts, Settings};
use updraft_store::Store;
use updraft_testkit::{ManualClock, wait_until, wait_until_async};
use updraft_timers::Timers;

use crate::support::{Platform, SECOND, delivery, ordered, start_with, store};

const DEADLINE: Duration = Duration::from_secs(20);

/// One process. All share virtual time; heart-beats are on real time.
struct Node {
    nodes: Nodes,
    world: Platform,
}

async fn node(store: &Arc<dyn Store>, clock: &Arc<ManualClock>, number: u64) -> Node {
    let settings = Settings {
        beat: Duration::from_millis(20),
        ttl: Duration::from_millis(2_000),
        grace: Duration::from_secs(60),
        ..Settings::new(&format!("node {number}"), "", "test")
    };
    let (real, rng) = (Arc::new(SystemClock::new()), Arc::new(SeededRng::new(number)));
    let nodes = Nodes::join(Parts { store: Arc::clone(store), clock: real, rng, settings }).await.unwrap();
    let timers = Timers::new(Arc::clone(store), Arc::clone(clock) as Arc<dyn Clock>, &nodes);
    let world = start_with(store, Arc::clone(clock) as Arc<dyn Clock>, timers, &nodes);
    nodes.start(&world.tasks);
    world.timers.start(&world.tasks);
    Node { nodes, world }
}

impl Node {
    /// How many leases it has: of timers and of deliveries.
    async fn leases(&self) -> usize {
        let name = self.nodes.name().map(str::to_owned);
        let all = self.nodes.list().await.unwrap();
        all.iter().filter(|info| Some(&info.name) == name.as_ref()).filter_map(|info| info.leases).sum()
    }

    async fn has(&self, leases: usize) {
        wait_until_async(DEADLINE, async || self.leases().await >= leases).await.unwrap();
    }

    async fn stop(self) {
        self.nodes.leave().await;
        self.world.crash().await;
    }
}

#[tokio::test]
async fn nodes_share_the_shards_and_none_delivers_what_another_did() {
    let (store, clock) = (store(), Arc::new(ManualClock::default()));
    let (one, two) = (node(&store, &clock, 1).await, node(&store, &clock, 2).await);
    one.has(8).await;
    two.has(8).await;
    one.world.enqueue((0..200).map(|n| delivery(&format!("d{n}"), &format!("t{n}")))).await;
    let done = |node: &Node| node.world.target.ids().len();
    wait_until(DEADLINE, || done(&one) + done(&two) >= 200).await.unwrap();
    assert!(done(&one) > 0 && done(&two) > 0, "both have a part");
    let all: BTreeSet<_> = one.world.target.ids().into_iter().chain(two.world.target.ids()).collect();
    assert_eq!((all.len(), done(&one) + done(&two)), (200, 200), "each once");
    one.stop().await;
    two.stop().await;
}

#[tokio::test]
async fn what_is_under_way_is_finished_before_a_shard_goes_and_nothing_new_is_begun() {
    let (store, clock) = (store(), Arc::new(ManualClock::default()));
    let one = node(&store, &clock, 1).await;
    one.has(32).await;
    one.world.enqueue((0..10).map(|n| delivery(&format!("d{n}"), "stuck"))).await;
    wait_until(DEADLINE, || one.world.target.ids().len() == 2).await.unwrap();
    let two = node(&store, &clock, 2).await;
    let leaves = async {
        one.nodes.leave().await;
        one.world.target.ids().len()
    };
    let goes_on = async {
        two.has(31).await;
        assert!(two.world.target.ids().is_empty(), "the shard that is under way stays");
        one.world.target.gate.add_permits(10);
    };
    let (begun, ()) = tokio::join!(leaves, goes_on);
    assert_eq!(begun, 2, "nothing new");
    two.world.target.gate.add_permits(10);
    wait_until(DEADLINE, || two.world.target.ids().len() == 8).await.unwrap();
    let both: BTreeSet<_> = one.world.target.ids().into_iter().chain(two.world.target.ids()).collect();
    assert_eq!(both.len(), 10, "each once");
    one.world.crash().await;
    two.stop().await;
}

#[tokio::test]
async fn a_target_that_does_not_come_to_an_end_is_left_after_a_grace() {
    let (store, clock) = (store(), Arc::new(ManualClock::default()));
    let one = node(&store, &clock, 1).await;
    one.has(32).await;
    one.world.enqueue([ordered("first", "k"), ordered("second", "k"), delivery("hangs", "hangs")]).await;
    wait_until(DEADLINE, || one.world.target.ids().len() == 3).await.unwrap();
    let two = node(&store, &clock, 2).await;
    let passes = async {
        while two.leases().await < 32 {
            clock.advance(SECOND);
            tokio::task::yield_now().await;
        }
    };
    let ((), ()) = tokio::join!(one.nodes.leave(), passes);
    wait_until(DEADLINE, || two.world.target.ids() == ["hangs"]).await.unwrap();
    one.world.crash().await;
    two.world.crash().await;
}

#[tokio::test]
async fn the_order_holds_when_shards_change_hands() {
    let (store, clock) = (store(), Arc::new(ManualClock::default()));
    let one = node(&store, &clock, 1).await;
    one.has(32).await;
    let keys = 20;
    let many = |from: usize| (from..from + 400).map(move |n| ordered(&format!("{n:04}"), &format!("k{}", n % keys)));
    one.world.enqueue_many(many(0)).await;
    let two = node(&store, &clock, 2).await;
    one.world.enqueue_many(many(400)).await;
    two.has(8).await;
    one.world.enqueue_many(many(800)).await;
    one.nodes.leave().await;
    let done = || one.world.target.ids().len() + two.world.target.ids().len();
    wait_until(DEADLINE, || done() >= 1_200).await.unwrap();
    let mut given: Vec<_> = one.world.target.ids();
    given.extend(two.world.target.ids());
    for key in 0..keys {
        let of_key: Vec<_> = given.iter().filter(|id| id.parse::<usize>().unwrap() % keys == key).collect();
        assert!(of_key.is_sorted(), "key {key}: {of_key:?}");
        assert_eq!(of_key.len(), 60, "key {key}");
    }
    one.world.crash().await;
    two.stop().await;
}
