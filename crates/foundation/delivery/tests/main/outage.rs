//! A store that can't be used for a while.

use std::sync::Arc;

use updraft_kernel::Clock;
use updraft_store::Store;
use updraft_testkit::{CountedStore, wait_until};

use crate::support::{Platform, SECOND, delivery, start, store};

/// Lets an outage of some virtual time pass.
async fn minutes_pass(world: &Platform, minutes: u32) {
    for _ in 0..60 * minutes {
        world.clock.advance(SECOND);
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn a_target_is_asked_once_however_long_its_answer_cant_be_written_down() {
    let counted = CountedStore::new(store());
    let world = start(&(Arc::clone(&counted) as Arc<dyn Store>));
    world.enqueue((0..2).map(|n| delivery(&format!("d{n}"), "stuck"))).await;
    wait_until(SECOND * 20, || world.target.ids().len() == 2).await.unwrap();
    counted.set_down(true);
    world.target.gate.add_permits(2);
    let before = counted.begun();
    minutes_pass(&world, 2).await;
    let tries = counted.begun() - before;
    assert!((10..240).contains(&tries), "{tries}: it is tried again, and not in a busy loop");

    counted.set_down(false);
    world.clock.advance(SECOND * 5);
    world.settle().await;
    assert_eq!(world.target.ids().len(), 2);
    assert_eq!(world.rows().await, 0);
    assert!(world.clock.elapsed() > SECOND * 60);
    world.crash().await;
}

#[tokio::test]
async fn workers_that_cant_read_their_logs_wait_and_go_on() {
    let inner = store();
    let counted = CountedStore::new(Arc::clone(&inner));
    counted.set_down(true);
    let world = start(&(Arc::clone(&counted) as Arc<dyn Store>));
    let other = start(&inner);
    other.enqueue((0..50).map(|n| delivery(&format!("d{n}"), "stuck"))).await;
    other.crash().await;
    wait_until(SECOND * 20, || counted.begun() >= 16).await.unwrap();
    minutes_pass(&world, 1).await;
    assert!(world.target.ids().is_empty());
    counted.set_down(false);
    world.target.gate.add_permits(50);
    world.clock.advance(SECOND * 5);
    wait_until(SECOND * 20, || world.target.ids().len() == 50).await.unwrap();
    assert!(world.clock.monotonic() > SECOND * 60);
    world.crash().await;
}
