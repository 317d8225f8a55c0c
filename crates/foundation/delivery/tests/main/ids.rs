//! Ids: remembering them, cancelling by them, looking at what they name.

use std::time::Duration;

use updraft_delivery::{Delivery, Pending};
use updraft_kernel::Clock;
use updraft_store::{StoreError, StoreExt};
use updraft_testkit::wait_until;

use crate::support::{Platform, SECOND, delivery, ordered, retry, start, store};

async fn enqueue(world: &Platform, delivery: Delivery) -> bool {
    let mut tx = world.store.write().await.unwrap();
    let enqueued = world.outbox.enqueue(&mut tx, delivery).await.unwrap();
    tx.commit().await.unwrap();
    enqueued
}

async fn cancel(world: &Platform, id: &str) -> bool {
    let mut tx = world.store.write().await.unwrap();
    let cancelled = world.outbox.cancel(&mut tx, id).await.unwrap();
    tx.commit().await.unwrap();
    cancelled
}

#[tokio::test]
async fn a_remembered_id_is_not_delivered_again_within_its_time() {
    let world = start(&store());
    let remembered = || Delivery { dedup_for: Some(SECOND * 300), ..delivery("a", "t") };
    assert!(enqueue(&world, remembered()).await);
    world.settle().await;
    world.pass(SECOND * 300 - Duration::from_millis(1)).await;
    assert!(!enqueue(&world, remembered()).await, "one millisecond early");
    assert!(!enqueue(&world, delivery("a", "t")).await, "whoever asks");
    world.pass(Duration::from_millis(1)).await;
    assert_eq!(world.rows().await, 0, "nothing is left behind");
    assert!(enqueue(&world, remembered()).await);
    world.settle().await;
    assert_eq!(world.target.ids(), ["a", "a"]);
}

#[tokio::test]
async fn what_was_given_up_is_not_remembered() {
    let world = start(&store());
    world.target.plan("a", &[updraft_delivery::Verdict::Fail("no".into())]);
    let remembered = || Delivery { dedup_for: Some(SECOND * 300), dead_letter: None, ..delivery("a", "t") };
    assert!(enqueue(&world, remembered()).await);
    world.settle().await;
    assert!(enqueue(&world, remembered()).await);
    world.settle().await;
    assert_eq!(world.target.ids(), ["a", "a"]);
}

#[tokio::test]
async fn a_cancelled_delivery_is_not_carried_out_and_its_id_is_free() {
    let world = start(&store());
    world.target.plan("waiting", &[retry()]);
    world.enqueue([delivery("waiting", "t"), delivery("stays", "t")]).await;
    world.settle().await;
    assert!(cancel(&world, "waiting").await);
    assert!(!cancel(&world, "waiting").await);
    assert!(!cancel(&world, "stays").await, "it was carried out");
    assert_eq!(world.timers.next_due().await.unwrap(), None);

    assert!(enqueue(&world, delivery("waiting", "t")).await);
    world.settle().await;
    assert_eq!(world.target.ids(), ["waiting", "stays", "waiting"]);
    assert_eq!(world.rows().await, 0);
}

#[tokio::test]
async fn cancelling_the_head_of_a_lane_lets_the_next_go_on() {
    let world = start(&store());
    world.target.plan("head", &[retry()]);
    world.enqueue([ordered("head", "k"), ordered("next", "k"), ordered("last", "k")]).await;
    world.settle().await;
    assert_eq!(world.target.ids(), ["head"]);
    assert!(cancel(&world, "next").await);
    assert!(cancel(&world, "head").await);
    world.settle().await;
    assert_eq!(world.target.ids(), ["head", "last"]);
    assert_eq!(world.rows().await, 0);
}

#[tokio::test]
async fn nothing_follows_from_an_attempt_at_what_was_cancelled_meanwhile() {
    let world = start(&store());
    world.target.plan("a", &[retry()]);
    world.enqueue([delivery("a", "stuck")]).await;
    wait_until(SECOND * 20, || world.target.ids().len() == 1).await.unwrap();
    assert!(cancel(&world, "a").await);
    world.target.gate.add_permits(1);
    world.settle().await;
    assert_eq!(world.rows().await, 0, "no retry");

    world.enqueue([delivery("b", "stuck")]).await;
    wait_until(SECOND * 20, || world.target.ids().len() == 2).await.unwrap();
    assert!(cancel(&world, "b").await);
    assert!(enqueue(&world, Delivery { payload: b"new".to_vec(), ..delivery("b", "t") }).await);
    world.target.gate.add_permits(1);
    world.settle().await;
    let given = world.target.given.lock().clone();
    assert_eq!(given[2..].iter().map(|given| &given.delivery.payload[..]).collect::<Vec<_>>(), [b"new"]);
    assert_eq!(world.rows().await, 0);
}

#[tokio::test]
async fn what_is_pending_is_listed_page_by_page() {
    let world = start(&store());
    world.target.plan("b1", &[retry()]);
    world.enqueue((0..5).map(|n| delivery(&format!("a{n}"), "stuck"))).await;
    world.enqueue((0..5).map(|n| delivery(&format!("b{n}"), "t"))).await;
    wait_until(SECOND * 20, || world.target.ids().len() == 7).await.unwrap();
    while world.timers.next_due().await.unwrap().is_none() {
        tokio::task::yield_now().await;
    }
    let due = world.timers.next_due().await.unwrap();
    // What was delivered goes a moment later.
    let all = updraft_testkit::wait_until_async(SECOND * 20, async || {
        world.outbox.pending(&Pending::default(), 100).await.unwrap().deliveries.len() == 6
    });
    all.await.unwrap();

    let stuck = Pending { kind: Some("test"), target: Some("stuck"), from: None };
    let first = world.outbox.pending(&stuck, 3).await.unwrap();
    let next = first.next.clone().unwrap();
    let rest = world.outbox.pending(&Pending { from: Some(&next), ..stuck }, 3).await.unwrap();
    let ids = |page: &updraft_delivery::PendingPage| {
        page.deliveries.iter().map(|one| one.delivery.id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        (ids(&first), ids(&rest), &rest.next),
        (vec!["a0".to_owned(), "a1".into(), "a2".into()], vec!["a3".to_owned(), "a4".into()], &None)
    );
    let waiting = world.outbox.pending(&Pending { target: Some("t"), ..Pending::default() }, 9).await.unwrap();
    let [waiting] = &waiting.deliveries[..] else { panic!("{waiting:?}") };
    assert_eq!((waiting.attempts, waiting.waits_until, waiting.enqueued), (1, due, world.clock.now()));
    assert_eq!(waiting.last_failure.as_deref(), Some("not now"));
    let other = world.outbox.pending(&Pending { kind: Some("other"), ..Pending::default() }, 9).await.unwrap();
    assert_eq!(other, updraft_delivery::PendingPage::default());
}

#[tokio::test]
async fn what_would_not_fit_once_it_has_failed_is_refused_at_the_door() {
    let world = start(&store());
    let limit = world.store.limits().value_bytes;
    let mut tx = world.store.write().await.unwrap();
    let big = |len: usize| Delivery { target: "t".repeat(len), ..delivery("big", "") };
    let refused = world.outbox.enqueue(&mut tx, big(limit - 8_192)).await.unwrap_err();
    assert!(matches!(refused, StoreError::TooLarge { .. }), "{refused}");
    drop(tx);

    let reason = "x".repeat(100_000);
    world.target.plan("big", &[updraft_delivery::Verdict::Fail(reason)]);
    assert!(enqueue(&world, Delivery { payload: vec![7; 256 * 1024], ..delivery("big", "t") }).await);
    world.settle().await;
    let dead = world.target.given.lock().last().unwrap().delivery.clone();
    assert_eq!((dead.target.as_str(), dead.failure.unwrap().reason.len()), ("dead", 512));
    assert_eq!(world.rows().await, 0);
}
