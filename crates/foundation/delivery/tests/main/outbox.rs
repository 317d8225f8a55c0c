//! What is promised: at least once, in time, in order where asked, nobody held up by another.

use std::sync::Arc;
use std::time::Duration;

use updraft_delivery::{Backoff, Delivery, Failure, RetryPolicy, Verdict};
use updraft_kernel::{Clock, Tasks};
use updraft_nodes::Nodes;
use updraft_store::StoreExt;
use updraft_testkit::{ManualClock, wait_until};
use updraft_timers::{ClockControl, Timers, load_clock};

use crate::support::{SECOND, delivery, ordered, retry, start, start_on, store};

#[tokio::test]
async fn a_delivery_is_carried_out_once_its_cause_commits() {
    let world = start(&store());
    let mut undone = world.store.write().await.unwrap();
    assert!(world.outbox.enqueue(&mut undone, delivery("undone", "t")).await.unwrap());
    drop(undone);
    world.enqueue([delivery("done", "t")]).await;
    world.settle().await;
    assert_eq!(world.target.ids(), ["done"]);
    assert_eq!(world.target.given.lock()[0].attempt, 1);
    assert_eq!(world.rows().await, 0, "nothing is left behind");
}

#[tokio::test]
async fn it_is_carried_out_without_anybody_asking() {
    let world = start(&store());
    world.enqueue([delivery("a", "t")]).await;
    wait_until(SECOND * 10, || world.target.ids() == ["a"]).await.unwrap();
}

#[tokio::test]
async fn the_same_id_is_not_enqueued_twice_while_it_is_there() {
    let world = start(&store());
    let mut tx = world.store.write().await.unwrap();
    assert!(world.outbox.enqueue(&mut tx, delivery("a", "t")).await.unwrap());
    assert!(!world.outbox.enqueue(&mut tx, delivery("a", "t")).await.unwrap());
    tx.commit().await.unwrap();
    world.settle().await;
    assert_eq!(world.target.ids(), ["a"]);
}

#[tokio::test]
async fn a_failure_is_tried_again_after_its_pause_and_not_before() {
    let world = start(&store());
    world.target.plan("a", &[retry(), retry()]);
    world.enqueue([delivery("a", "t")]).await;
    world.settle().await;
    world.pass(SECOND - Duration::from_millis(1)).await;
    assert_eq!(world.target.ids().len(), 1, "one millisecond early");
    world.pass(Duration::from_millis(1)).await;
    assert_eq!(world.target.ids().len(), 2);
    world.pass(SECOND).await;
    let attempts: Vec<_> = world.target.given.lock().iter().map(|given| given.attempt).collect();
    assert_eq!(attempts, [1, 2, 3]);
    assert_eq!(world.rows().await, 0);
}

#[tokio::test]
async fn what_is_given_up_goes_to_the_dead_letter_target_with_its_reason() {
    let world = start(&store());
    world.target.plan("a", &[retry(), retry(), retry()]);
    world.target.plan("hopeless", &[Verdict::Fail("no such queue".into())]);
    world.enqueue([delivery("a", "t"), delivery("hopeless", "t")]).await;
    world.settle().await;
    for _ in 0..2 {
        world.pass(SECOND).await;
    }
    let given = world.target.given.lock().clone();
    let dead: Vec<_> = given.iter().filter(|given| given.delivery.target == "dead").collect();
    let failure = |attempts, reason: &str| {
        Some(Failure { kind: "test".into(), target: "t".into(), attempts, reason: reason.into() })
    };
    assert_eq!(dead[0].delivery.failure, failure(1, "no such queue"));
    assert_eq!(dead[1].delivery.failure, failure(3, "not now"));
    assert!(dead.iter().all(|dead| dead.delivery.payload == b"body"));
    assert_eq!(dead.len(), 2);
    assert_eq!(world.rows().await, 0);
}

#[tokio::test]
async fn a_target_without_room_costs_no_attempt_until_the_age_is_reached() {
    let world = start(&store());
    let busy = Verdict::Busy { reason: "full".into(), after: SECOND * 1_000 };
    world.target.plan("a", &[busy.clone(), busy.clone(), busy.clone(), busy]);
    world.enqueue([delivery("a", "t")]).await;
    world.settle().await;
    for _ in 0..3 {
        world.pass(SECOND * 1_000).await;
    }
    let given = world.target.given.lock().clone();
    assert!(given.iter().all(|given| given.attempt == 1));
    assert_eq!(given.last().unwrap().delivery.target, "dead", "the fifth would be past one hour");
    assert_eq!(given.len(), 5);
}

#[tokio::test]
async fn a_slow_target_delays_nobody_else() {
    let world = start(&store());
    world.enqueue((0..50).map(|n| delivery(&format!("slow{n}"), "stuck"))).await;
    world.enqueue((0..50).map(|n| delivery(&format!("quick{n}"), "t"))).await;
    let quick = || world.target.ids().iter().filter(|id| id.starts_with("quick")).count();
    wait_until(SECOND * 10, || quick() == 50).await.unwrap();
    assert_eq!(world.target.ids().len(), 52, "two of the slow one, as it allows");
    world.target.gate.add_permits(50);
    world.settle().await;
    assert_eq!(world.target.ids().len(), 100);
}

#[tokio::test]
async fn one_key_is_in_order_even_when_its_head_fails() {
    let world = start(&store());
    world.target.plan("a1", &[retry()]);
    world.enqueue([ordered("a1", "a"), ordered("a2", "a"), ordered("b1", "b"), ordered("a3", "a")]).await;
    world.settle().await;
    let mut first = world.target.ids();
    first.sort();
    assert_eq!(first, ["a1", "b1"], "a2 and a3 wait behind a1");
    world.pass(SECOND).await;
    assert_eq!(world.target.ids()[2..], ["a1", "a2", "a3"]);
    assert_eq!(world.rows().await, 0);
}

#[tokio::test]
async fn one_transaction_keeps_the_order_it_enqueued_in() {
    let world = start(&store());
    let mut tx = world.store.write().await.unwrap();
    let ids: Vec<_> = (0..20).rev().map(|n| format!("{n:02}")).collect();
    for id in &ids {
        world.outbox.enqueue(&mut tx, ordered(id, "k")).await.unwrap();
    }
    tx.commit().await.unwrap();
    world.settle().await;
    assert_eq!(world.target.ids(), ids);
}

#[tokio::test]
async fn a_crash_loses_nothing_and_keeps_the_order() {
    let store = store();
    let world = start(&store);
    world.target.plan("a1", &[retry()]);
    world.enqueue([ordered("a1", "a"), ordered("a2", "a"), delivery("held", "stuck")]).await;
    wait_until(SECOND * 10, || world.target.ids().len() == 2).await.unwrap();
    while world.timers.next_due().await.unwrap().is_none() {
        tokio::task::yield_now().await;
    }
    world.crash().await;

    let world = start(&store);
    world.target.gate.add_permits(1);
    world.settle().await;
    assert_eq!(world.target.ids(), ["held"], "delivered again; a2 still waits behind a1");
    world.pass(SECOND).await;
    assert_eq!(world.target.ids(), ["held", "a1", "a2"]);
    assert_eq!(world.target.given.lock()[1].attempt, 2, "the attempt before the crash counts");
    assert_eq!(world.rows().await, 0);
}

#[tokio::test]
async fn a_backlog_longer_than_memory_takes_is_carried_out_whole() {
    let store = store();
    let world = start(&store);
    let mut tx = world.store.write().await.unwrap();
    for n in 0..3_000 {
        world.outbox.enqueue(&mut tx, ordered(&format!("{n:04}"), "k")).await.unwrap();
    }
    tx.commit().await.unwrap();
    world.settle().await;
    let ids = world.target.ids();
    assert_eq!(ids.len(), 3_000);
    assert!(ids.is_sorted());
    assert_eq!(world.rows().await, 0);
}

#[tokio::test]
async fn a_kind_nobody_carries_out_is_given_up_in_the_end() {
    let world = start(&store());
    world.enqueue([Delivery { kind: "unknown".into(), ..delivery("a", "t") }]).await;
    world.settle().await;
    for _ in 0..2 {
        world.pass(SECOND).await;
    }
    assert_eq!(world.target.given.lock()[0].delivery.target, "dead");
    assert_eq!(world.target.given.lock()[0].at, ManualClock::START.plus(SECOND * 2));
}

#[tokio::test]
async fn a_day_of_retries_passes_in_one_advance() {
    let store = store();
    let (clock, tasks) = (Arc::new(load_clock(&*store).await.unwrap()), Tasks::new());
    let timers = Timers::new(Arc::clone(&store), Arc::clone(&clock) as Arc<dyn Clock>, &Nodes::alone());
    let world = start_on(&store, Arc::clone(&clock) as Arc<dyn Clock>, timers.clone());
    let control = ClockControl::new(Arc::clone(&store), Arc::clone(&clock), timers, tasks);
    control.settles(Arc::new(world.outbox.clone()));
    world.target.plan("a", &vec![retry(); 1_000]);
    let policy = RetryPolicy {
        max_attempts: 1_000,
        max_age: SECOND * 86_400,
        backoff: Backoff::Exponential { min: SECOND, max: SECOND * 3_600, jitter_percent: 0 },
    };
    let enqueued = clock.now();
    world.enqueue([Delivery { policy, ..delivery("a", "t") }]).await;
    control.advance(SECOND * 86_400).await.unwrap();

    let given = world.target.given.lock().clone();
    let (dead, attempts) = given.split_last().unwrap();
    assert_eq!(dead.delivery.target, "dead");
    // 1 s, 2 s, 4 s … 2048 s are 4095 s; the hours after them end within the day 22 times.
    assert_eq!(attempts.len(), 1 + 12 + 22);
    assert!(given.windows(2).all(|pair| pair[0].at <= pair[1].at), "in order");
    assert!(attempts.last().unwrap().at.since(enqueued) <= SECOND * 86_400);
}
