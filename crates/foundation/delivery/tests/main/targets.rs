//! No target delays another, whatever it does.

use std::time::Duration;

use updraft_delivery::{Backoff, Delivery, RetryPolicy};
use updraft_kernel::Clock;
use updraft_testkit::{ManualClock, wait_until, wait_until_async};
use updraft_timers::Settles;

use crate::support::{Platform, SECOND, delivery, ordered, start, store};

/// The longest a test waits in real time.
const DEADLINE: Duration = Duration::from_secs(60);

/// Longer than the target may take for an answer.
const PATIENCE: Duration = Duration::from_secs(1_000_001);

fn patient(id: &str, target: &str) -> Delivery {
    let backoff = Backoff::Fixed { pause: SECOND, jitter_percent: 0 };
    let policy = RetryPolicy { max_attempts: 3, max_age: PATIENCE * 100, backoff };
    Delivery { policy, dead_letter: None, ..delivery(id, target) }
}

fn of_three_kinds(count: u32) -> impl Iterator<Item = Delivery> {
    (0..count).map(|n| {
        let target = ["hangs", "fails", "quick"][n as usize % 3];
        patient(&format!("{target}{n}"), target)
    })
}

/// Brings on what waits for its retry, until the target was tried so often.
async fn retried(world: &Platform, target: &str, times: usize) {
    wait_until_async(DEADLINE, async || {
        world.timers.run_due().await.unwrap();
        world.delivered(target) == times
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn ten_thousand_deliveries_to_targets_that_hang_and_fail_and_work() {
    let world = start(&store());
    world.enqueue_many(of_three_kinds(10_000)).await;
    wait_until(DEADLINE, || world.delivered("quick") == 3_333).await.unwrap();
    assert_eq!(world.clock.now(), ManualClock::START, "not a moment was waited for the others");
    for attempt in 1..=3 {
        retried(&world, "fails", attempt * 3_333).await;
        world.clock.advance(SECOND);
    }
    assert_eq!(world.delivered("hangs"), 2, "as many as it takes at once");

    world.enqueue((0..100).map(|n| patient(&format!("late{n}"), "quick"))).await;
    wait_until(DEADLINE, || world.delivered("quick") == 3_433).await.unwrap();
    world.crash().await;
}

#[tokio::test]
async fn who_waits_for_quiet_waits_for_a_target_that_hangs_only_once() {
    let world = start(&store());
    world.enqueue((0..20).map(|n| patient(&format!("h{n}"), "hangs"))).await;
    world.enqueue([patient("quick", "quick")]).await;
    wait_until(DEADLINE, || world.delivered("hangs") == 2 && world.delivered("quick") == 1).await.unwrap();

    let settled = world.outbox.settle();
    let gives_up = async {
        world.clock.advance(PATIENCE);
        wait_until(DEADLINE, || world.delivered("hangs") == 4).await.unwrap();
    };
    let (worked, ()) = tokio::join!(settled, gives_up);
    assert!(worked);
    world.enqueue([patient("later", "quick")]).await;
    world.outbox.settle().await;
    assert_eq!(world.delivered("quick"), 2);
    assert_eq!(world.delivered("hangs"), 4, "two more hang, and nobody waited for them");
    world.crash().await;
}

#[tokio::test]
async fn no_answer_in_time_is_a_failed_attempt() {
    let world = start(&store());
    world.enqueue([Delivery { dead_letter: delivery("", "").dead_letter, ..patient("a", "hangs") }]).await;
    for attempt in 1..=3 {
        retried(&world, "hangs", attempt).await;
        world.clock.advance(PATIENCE);
        let settled = async || attempt == 3 || world.timers.next_due().await.unwrap().is_some();
        wait_until_async(DEADLINE, settled).await.unwrap();
        world.clock.advance(SECOND);
    }
    wait_until(DEADLINE, || world.delivered("dead") == 1).await.unwrap();
    let dead = world.target.given.lock().last().unwrap().delivery.clone();
    let failure = dead.failure.unwrap();
    assert_eq!((failure.attempts, failure.reason.as_str()), (3, "its target gave no answer in time"));
    world.crash().await;
}

#[tokio::test]
async fn a_key_whose_head_fails_delays_no_other_key_however_long_its_backlog() {
    let world = start(&store());
    world.target.plan("poison", &vec![crate::support::retry(); 2]);
    world.enqueue([ordered("poison", "a")]).await;
    world.enqueue_many((0..2_000).map(|n| ordered(&format!("behind{n:04}"), "a"))).await;
    world.enqueue_many((0..1_000).map(|n| ordered(&format!("beside{n:04}"), &format!("b{}", n % 50)))).await;
    world.settle().await;
    assert_eq!(world.target.ids().len(), 1_001, "all but what is behind it");
    world.pass(SECOND).await;
    world.pass(SECOND).await;
    let ids = world.target.ids();
    let behind: Vec<_> = ids.iter().filter(|id| id.starts_with("behind")).collect();
    assert_eq!(behind.len(), 2_000);
    assert!(behind.is_sorted());
    assert_eq!(world.rows().await, 0);
}
