//! What waits costs nothing.

use std::sync::Arc;

use updraft_delivery::{Backoff, Delivery, RetryPolicy};
use updraft_store::Store;
use updraft_store_fjall::{FjallOptions, open};
use updraft_testkit::{CountedStore, resident_bytes, wait_until};

use crate::support::{Platform, SECOND, delivery, ordered, start};

const DAY: std::time::Duration = std::time::Duration::from_secs(86_400);

/// Tried once, and then once a day.
fn daily(delivery: Delivery) -> Delivery {
    let backoff = Backoff::Fixed { pause: DAY, jitter_percent: 0 };
    Delivery { policy: RetryPolicy { max_attempts: 9, max_age: DAY * 9, backoff }, ..delivery }
}

/// An hour passes, and nobody wakes up.
async fn is_idle(world: &Platform, counted: &CountedStore) {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    let begun = counted.begun();
    for _ in 0..3_600 {
        world.clock.advance(SECOND);
        tokio::task::yield_now().await;
    }
    assert_eq!(counted.begun(), begun);
}

fn grown_mib(before: Option<u64>) -> u64 {
    before.zip(resident_bytes()).map_or(0, |(before, after)| after.saturating_sub(before) >> 20)
}

#[tokio::test]
async fn a_hundred_thousand_deliveries_wait_without_a_transaction_and_almost_without_memory() {
    let folder = tempfile::tempdir().unwrap();
    let counted = CountedStore::new(open(folder.path(), FjallOptions::default()).unwrap());
    let store = Arc::clone(&counted) as Arc<dyn Store>;
    let world = start(&store);
    world.timers.start(&world.tasks);
    let before = resident_bytes();

    // Behind one head that is tried again tomorrow.
    world.target.plan("head", &vec![crate::support::retry(); 9]);
    world.enqueue([daily(ordered("head", "key"))]).await;
    world.enqueue_many((0..50_000).map(|n| ordered(&format!("behind {n}"), "key"))).await;
    // Heads of as many lanes, and deliveries without order, that are tried again tomorrow.
    let fails = |n: u32| match n % 2 {
        0 => Delivery { ordering_key: Some(format!("{n}")), ..delivery(&format!("head {n}"), "fails") },
        _ => delivery(&format!("free {n}"), "fails"),
    };
    world.enqueue_many((0..FAIL).map(|n| daily(fails(n)))).await;
    let tried = usize::try_from(FAIL).unwrap();
    wait_until(SECOND * 300, || world.delivered("fails") >= tried).await.unwrap();
    world.target.given.lock().clear();
    world.target.given.lock().shrink_to_fit();
    // Ready, behind a target that doesn't answer.
    world.enqueue_many((0..45_000).map(|n| delivery(&format!("ready {n}"), "hangs"))).await;
    wait_until(SECOND * 60, || world.delivered("hangs") == 2).await.unwrap();

    is_idle(&world, &counted).await;
    let grown = grown_mib(before);
    assert!(grown <= 64, "{grown} MiB");

    world.enqueue([delivery("now", "quick")]).await;
    wait_until(SECOND * 60, || world.delivered("quick") == 1).await.unwrap();
    world.crash().await;
}

/// How many fail once: each is a durable commit on the disk at hand.
const FAIL: u32 = 5_000;
