//! Scheduling, cancelling and firing.

use std::sync::Arc;
use std::time::Duration;

use updraft_kernel::{Clock, Tasks};
use updraft_store::{StoreExt, Topic};
use updraft_testkit::wait_until;

use crate::support::{OWNER, SECOND, at, count, schedule, store, wheel};

#[tokio::test]
async fn a_timer_fires_at_its_moment_and_only_once() {
    let store = store();
    let (timers, clock, recorder) = wheel(&store);
    schedule(&store, &timers, at("a", clock.now().plus(SECOND), "")).await;

    clock.advance(SECOND - Duration::from_millis(1));
    assert_eq!(timers.run_due().await.unwrap(), 0, "one millisecond early");
    clock.advance(Duration::from_millis(1));
    assert_eq!(timers.run_due().await.unwrap(), 1);
    assert_eq!(timers.run_due().await.unwrap(), 0);
    assert_eq!(recorder.ids(), ["a"]);
    assert_eq!(timers.next_due().await.unwrap(), None);
}

#[tokio::test]
async fn nothing_happens_for_a_transaction_that_did_not_commit() {
    let store = store();
    let (timers, clock, recorder) = wheel(&store);
    schedule(&store, &timers, at("kept", clock.now(), "")).await;
    let mut tx = store.write().await.unwrap();
    timers.schedule(&mut tx, at("undone", clock.now(), "")).await.unwrap();
    assert!(timers.cancel(&mut tx, OWNER, "kept").await.unwrap());
    drop(tx);
    timers.run_due().await.unwrap();
    assert_eq!(recorder.ids(), ["kept"]);
}

#[tokio::test]
async fn scheduling_again_moves_a_timer_and_cancelling_removes_it() {
    let store = store();
    let (timers, clock, recorder) = wheel(&store);
    schedule(&store, &timers, at("moved", clock.now(), "")).await;
    schedule(&store, &timers, at("moved", clock.now().plus(SECOND), "")).await;
    schedule(&store, &timers, at("gone", clock.now(), "")).await;
    let mut tx = store.write().await.unwrap();
    assert!(timers.cancel(&mut tx, OWNER, "gone").await.unwrap());
    assert!(!timers.cancel(&mut tx, OWNER, "never was").await.unwrap());
    tx.commit().await.unwrap();

    assert_eq!(timers.run_due().await.unwrap(), 0);
    clock.advance(SECOND);
    assert_eq!(timers.run_due().await.unwrap(), 1);
    assert_eq!(recorder.ids(), ["moved"]);
}

#[tokio::test]
async fn a_restarted_platform_fires_what_the_former_left() {
    let store = store();
    let (timers, clock, _) = wheel(&store);
    schedule(&store, &timers, at("left", clock.now().plus(SECOND), "")).await;
    drop(timers);

    let (timers, clock, recorder) = wheel(&store);
    clock.advance(SECOND * 3600);
    timers.run_due().await.unwrap();
    assert_eq!(recorder.ids(), ["left"]);
}

#[tokio::test]
async fn two_nodes_fire_each_timer_once() {
    let store = store();
    let ((one, clock, _), (two, ..)) = (wheel(&store), wheel(&store));
    for n in 0..300 {
        schedule(&store, &one, at(&format!("t{n}"), clock.now(), "")).await;
    }
    let (first, second) = tokio::join!(one.run_due(), two.run_due());
    assert_eq!(first.unwrap() + second.unwrap(), 300);
    for n in 0..300 {
        assert_eq!(count(&store, &format!("t{n}")).await, 1, "t{n}");
    }
}

#[tokio::test]
async fn a_broken_timer_holds_nobody_up_and_is_tried_again_later() {
    let store = store();
    let (timers, clock, recorder) = wheel(&store);
    for (n, payload) in ["fail", "panic", ""].iter().cycle().take(60).enumerate() {
        schedule(&store, &timers, at(&format!("t{n}"), clock.now(), payload)).await;
    }
    let mut orphan = at("orphan", clock.now(), "");
    orphan.owner = "nobody";
    schedule(&store, &timers, orphan).await;

    assert_eq!(timers.run_due().await.unwrap(), 20);
    recorder.fired.lock().clear();
    assert_eq!(timers.next_due().await.unwrap(), Some(clock.now().plus(SECOND)), "tried again after a second");
    clock.advance(SECOND);
    assert_eq!(timers.run_due().await.unwrap(), 0, "still broken");
    assert_eq!(timers.next_due().await.unwrap(), Some(clock.now().plus(SECOND * 2)), "and then after two");
}

#[tokio::test]
async fn the_runner_wakes_for_what_is_due_and_for_what_is_new() {
    let store = store();
    let (timers, clock, recorder) = wheel(&store);
    let tasks = Tasks::new();
    schedule(&store, &timers, at("old", clock.now().plus(SECOND), "")).await;
    timers.start(&tasks);
    clock.advance(SECOND);
    wait_until(SECOND * 10, || recorder.ids() == ["old"]).await.unwrap();

    schedule(&store, &timers, at("new", clock.now().plus(SECOND), "")).await;
    schedule(&store, &timers, at("now", clock.now(), "")).await;
    wait_until(SECOND * 10, || recorder.ids() == ["old", "now"]).await.unwrap();
    clock.advance(SECOND);
    wait_until(SECOND * 10, || recorder.ids() == ["old", "now", "new"]).await.unwrap();
    tasks.stop().await;
    assert_eq!(tasks.panics(), 0);
}

#[tokio::test]
async fn many_timers_of_one_moment_all_fire_and_touch_nobody_else() {
    let store = store();
    let (timers, clock, _) = wheel(&store);
    let mut other = store.watch(Topic::of(&[b"somebody else"]));
    let mut tx = store.write().await.unwrap();
    for n in 0..3_000 {
        timers.schedule(&mut tx, at(&format!("t{n}"), clock.now(), "")).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(timers.run_due().await.unwrap(), 3_000);
    assert!(futures_util::FutureExt::now_or_never(other.changed()).is_none());
    assert_eq!(Arc::strong_count(&clock), 2);
}
