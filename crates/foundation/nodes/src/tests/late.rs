//! Heart-beats of which no answer comes, and which arrive later.

use std::sync::Arc;

use updraft_kernel::{Clock, SeededRng};
use updraft_store::StoreExt;
use updraft_store::faults::{Faults, FaultyStore};

use super::world::World;
use crate::beat::beat;
use crate::rows::{LeaseKey, NodeKey};
use crate::{Lease, Nodes, Parts, Settings};

const LATE: Faults = Faults {
    conflict: 0,
    unknown_applied: 0,
    unknown_lost: 0,
    unknown_late: 1_000,
    unavailable: 0,
    slow: 0,
    longest: std::time::Duration::ZERO,
};

struct Late {
    way: FaultyStore,
    nodes: Nodes,
    lease: Lease,
}

impl Late {
    async fn join(world: &World, seed: u64) -> Self {
        let rng = Arc::new(SeededRng::new(seed));
        let way = FaultyStore::new(Arc::clone(&world.store), world.clock.clone(), rng.clone());
        let (store, clock) = (Arc::new(way.clone()), world.machine(0));
        let settings = Settings::new("late", "127.0.0.1:4566", "0.1.0");
        let nodes = Nodes::join(Parts { store, clock, rng, settings }).await.unwrap();
        nodes.member().go_to_work();
        let lease = nodes.lease("work/0");
        Self { way, nodes, lease }
    }

    async fn beat(&self) {
        beat(self.nodes.member()).await.unwrap();
    }

    async fn beat_late(&self) {
        self.way.set(LATE);
        beat(self.nodes.member()).await.unwrap_err();
        self.way.set(Faults::default());
    }
}

#[tokio::test]
async fn a_heart_beat_that_arrives_late_doesnt_take_back_what_a_later_one_says() {
    let world = World::new(1, 1);
    let node = Late::join(&world, 1).await;
    let expires = async || {
        let key = NodeKey(node.nodes.member().id);
        world.store.read().await.unwrap().row(&key).await.unwrap().unwrap().expires
    };
    node.beat_late().await;
    world.clock.advance(Settings::new("", "", "").beat);
    node.beat().await;
    let said = expires().await;
    node.way.land().await;
    assert_eq!(expires().await, said);
}

#[tokio::test]
async fn a_take_over_that_arrives_late_fails_if_its_holder_has_come_back() {
    let world = World::new(1, 1);
    let holder = Late::join(&world, 1).await;
    holder.beat().await;
    assert!(holder.lease.held().is_some());
    world.clock.advance(Settings::new("", "", "").ttl);
    let taker = Late::join(&world, 2).await;
    taker.beat_late().await;
    holder.beat().await;
    assert!(holder.lease.held().is_some(), "nobody has taken it yet");
    taker.way.land().await;
    let row = world.store.read().await.unwrap().row(&LeaseKey("work/0")).await.unwrap().unwrap();
    assert_eq!(row.holder, Some(holder.nodes.member().id));
}

#[tokio::test]
async fn a_heart_beat_that_is_slower_than_a_take_over_holds_nothing() {
    let world = World::new(1, 1);
    let holder = Late::join(&world, 1).await;
    holder.beat().await;
    holder.beat_late().await;
    world.clock.advance(Settings::new("", "", "").ttl);
    let taker = Late::join(&world, 2).await;
    taker.beat().await;
    assert!(taker.lease.held().is_some());
    holder.way.land().await;
    let row = world.store.read().await.unwrap().row(&NodeKey(holder.nodes.member().id)).await.unwrap().unwrap();
    assert!(row.expires <= world.clock.real_now(), "it isn't alive again by what it said before");
}
