//! What stops the undead.

use std::sync::atomic::Ordering;

use updraft_store::{KeyBuilder, StoreError, StoreExt, tags};

use super::world::{TWO_SECONDS, World};
use crate::Epoch;

#[tokio::test]
async fn a_transaction_begun_before_a_take_over_cant_commit_after_it() {
    let mut world = World::new(1, 1);
    world.join().await;
    world.steps(1).await;
    let lease = world.nodes[0].leases[0].clone();
    let epoch = lease.held().unwrap();
    let mut tx = world.store.write().await.unwrap();
    lease.fence(&mut tx, epoch).await.unwrap();
    tx.raw().put(KeyBuilder::new(tags::TEST).u64(1).build(), "late".into());
    world.kill(0);
    world.join().await;
    world.steps(TWO_SECONDS).await;
    assert_eq!(world.nodes[1].leases[0].held(), Some(Epoch(epoch.0 + 1)));
    assert!(matches!(tx.commit().await, Err(StoreError::Conflict)));
}

#[tokio::test]
async fn an_epoch_of_before_is_fenced_and_so_is_another_nodes() {
    let mut world = World::new(1, 1);
    world.join().await;
    world.steps(1).await;
    world.join().await;
    world.steps(TWO_SECONDS).await;
    let held: Vec<_> = world.nodes.iter().map(|node| node.leases[0].held()).collect();
    let epoch = held.iter().flatten().next().copied().unwrap();
    for (node, held) in world.nodes.iter().zip(held) {
        let mut tx = world.store.write().await.unwrap();
        let now = node.leases[0].fence(&mut tx, epoch).await;
        assert_eq!(now.is_ok(), held.is_some());
        let before = node.leases[0].fence(&mut tx, Epoch(epoch.0 - 1)).await;
        assert!(matches!(before, Err(StoreError::Fenced(name)) if name == "work/0"));
    }
}

#[tokio::test]
async fn a_node_whose_clock_missed_the_time_is_stopped_by_the_row_alone() {
    let mut world = World::new(1, 1);
    world.join().await;
    world.steps(1).await;
    let lease = world.nodes[0].leases[0].clone();
    let epoch = lease.held().unwrap();
    world.kill(0);
    world.nodes[0].machine.missed.store(u64::MAX, Ordering::SeqCst);
    world.join().await;
    world.steps(TWO_SECONDS).await;
    assert_eq!(lease.held(), Some(epoch), "it believes so");
    let mut tx = world.store.write().await.unwrap();
    assert!(matches!(lease.fence(&mut tx, epoch).await, Err(StoreError::Fenced(_))));
}

#[tokio::test]
async fn heart_beats_dont_disturb_the_holders_transactions() {
    let mut world = World::new(1, 4);
    world.join().await;
    world.join().await;
    world.steps(TWO_SECONDS).await;
    for node in &world.nodes {
        let lease = node.leases.iter().find(|lease| lease.held().is_some()).unwrap();
        let mut tx = world.store.write().await.unwrap();
        lease.fence(&mut tx, lease.held().unwrap()).await.unwrap();
        tx.raw().put(KeyBuilder::new(tags::TEST).u64(1).build(), "x".into());
        for node in &world.nodes {
            crate::beat::beat(node.nodes.member()).await.unwrap();
        }
        tx.commit().await.unwrap();
    }
}
