//! Beginning, changing, stopping; and doing nothing when there is nothing to do.

use std::sync::atomic::Ordering;

use updraft_timers::Settles;

use crate::support::{Plan, SECOND, VISIBILITY, World};

#[tokio::test]
async fn who_has_nothing_to_do_looks_for_nothing() {
    let world = World::new();
    for uuid in 0..100 {
        world.begin(|mapping| mapping.uuid = uuid.to_string());
    }
    world.settle().await;
    let before = world.source.0.takes.load(Ordering::SeqCst);
    // Real time passes for whoever would poll.
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
    world.clock.advance(SECOND * 3_600);
    assert!(!world.pollers.settle().await, "asked, they look once, and there was nothing");
    let looked = world.source.0.takes.load(Ordering::SeqCst) - before;
    assert!(looked <= 200, "{looked} looks of 100 pollers");
    world.stop().await;
}

#[tokio::test]
async fn the_next_moment_of_work_is_known() {
    let world = World::new();
    world.plan(&[Plan::Fail]);
    world.begin(|mapping| mapping.window = SECOND * 5);
    world.settle().await;
    assert_eq!(world.pollers.next_due(), None);
    world.source.0.send([1]).await;
    world.settle().await;
    let start = updraft_testkit::ManualClock::START;
    assert_eq!(world.pollers.next_due(), Some(start.plus(SECOND * 5)), "the window's end");
    world.advance(SECOND * 5).await;
    assert_eq!(world.pollers.next_due(), Some(start.plus(VISIBILITY)), "when the record comes again");
    world.stop().await;
}

#[tokio::test]
async fn who_is_stopped_gives_back_what_it_gathered_and_takes_no_more() {
    let world = World::new();
    world.begin(|mapping| mapping.window = SECOND * 300);
    world.source.0.send([1, 2]).await;
    world.settle().await;
    world.pollers.stop("u");
    world.until(|| *world.source.0.given_back.lock() == [1, 2]).await;
    world.source.0.send([3]).await;
    world.advance(SECOND * 600).await;
    assert_eq!(world.calls(), Vec::<Vec<u32>>::new());
    world.begin(|_| ());
    world.settle().await;
    assert_eq!(world.done(), [1, 2, 3]);
    world.stop().await;
}

#[tokio::test]
async fn calls_go_on_when_their_mapping_changes_and_count_against_its_limit() {
    let world = World::new();
    world.hold();
    world.source.0.send(0..4).await;
    world.begin(|mapping| (mapping.batch, mapping.max_concurrency) = (1, Some(2)));
    world.until(|| world.running() == 2).await;
    world.begin(|mapping| (mapping.batch, mapping.max_concurrency, mapping.revision) = (2, Some(2), 2));
    world.let_go(1);
    world.until(|| world.done().len() == 1 && world.running() == 2).await;
    assert_eq!(world.calls()[2].len(), 2, "as the new revision says");
    world.let_go(2);
    world.settle().await;
    assert_eq!((world.done(), world.function.most.load(Ordering::SeqCst)), (vec![0, 1, 2, 3], 2));
    world.stop().await;
}

#[tokio::test]
async fn a_limit_is_kept_and_used() {
    for (limit, expected) in [(Some(2), 2), (Some(3), 3), (None, 5)] {
        let world = World::new();
        world.hold();
        world.source.0.send(0..40).await;
        world.begin(|mapping| (mapping.batch, mapping.max_concurrency) = (1, limit));
        world.until(|| world.running() == expected).await;
        world.let_go(40);
        world.until(|| world.done().len() == 40).await;
        assert_eq!(world.function.most.load(Ordering::SeqCst), expected);
        world.stop().await;
    }
}

#[tokio::test]
async fn a_backlog_is_worked_off_by_more_and_more() {
    let world = World::new();
    world.hold();
    world.source.0.send(0..100).await;
    world.begin(|mapping| mapping.batch = 1);
    world.until(|| world.running() == 5).await;
    world.clock.advance(SECOND * 2);
    world.until(|| world.running() == 6).await;
    // Five that have ended let five more begin at full speed, beside those in their place.
    world.let_go(5);
    world.until(|| world.done().len() == 5 && world.running() == 6).await;
    world.clock.advance(SECOND);
    world.until(|| world.running() == 11).await;
    assert_eq!(world.function.most.load(Ordering::SeqCst), 11);
    world.let_go(100);
    world.settle().await;
    assert_eq!(world.done().len(), 100);
    world.stop().await;
}

#[tokio::test]
async fn the_platform_stops_without_waiting_for_windows() {
    let world = World::new();
    world.begin(|mapping| mapping.window = SECOND * 300);
    world.source.0.send([1]).await;
    world.settle().await;
    let source = world.source.clone();
    world.stop().await;
    assert_eq!(*source.0.given_back.lock(), [1]);
}
