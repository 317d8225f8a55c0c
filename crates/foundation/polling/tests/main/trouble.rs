//! Functions without room, sources that are gone.

use crate::support::{Plan, SECOND, VISIBILITY, World};

#[tokio::test]
async fn a_throttled_batch_is_handed_over_again_while_nobody_else_has_it() {
    let world = World::new();
    world.plan(&[Plan::Throttle, Plan::Throttle]);
    world.source.0.send([1]).await;
    world.begin(|_| ());
    world.until(|| world.calls().len() == 1).await;
    world.clock.advance(SECOND / 2);
    world.until(|| world.calls().len() == 2).await;
    world.clock.advance(SECOND);
    world.until(|| world.done() == [1]).await;
    assert_eq!(world.calls(), [[1], [1], [1]]);
    assert_eq!(*world.told.0.lock(), Vec::<String>::new(), "that is no trouble yet");
    world.stop().await;
}

#[tokio::test]
async fn a_batch_that_finds_no_room_is_left_to_come_again() {
    let world = World::new();
    world.plan(&[Plan::Throttle; 2]);
    world.source.0.send([1]).await;
    world.begin(|_| ());
    world.until(|| world.calls().len() == 1).await;
    world.clock.advance(VISIBILITY);
    world.until(|| world.done() == [1]).await;
    assert_eq!(world.calls().len(), 3, "refused, refused for the last time, and taken anew");
    world.settle().await;
    assert_eq!(*world.told.0.lock(), ["PROBLEM: Rate Exceeded."]);
    world.clock.advance(SECOND);
    world.source.0.send([2]).await;
    world.until(|| world.told.0.lock().last().is_some_and(|told| told == "OK")).await;
    world.stop().await;
}

#[tokio::test]
async fn while_there_is_no_room_no_more_is_taken() {
    let world = World::new();
    world.plan(&[Plan::Throttle; 1_000]);
    world.source.0.send(0..100).await;
    world.begin(|mapping| mapping.batch = 1);
    world.until(|| world.calls().len() == 5).await;
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.calls().len(), 5, "what waits to be handed over again counts as being at work");
    world.stop().await;
}

#[tokio::test]
async fn failing_is_told_once_and_so_is_that_it_is_over() {
    let world = World::new();
    world.plan(&[Plan::Fail, Plan::Fail]);
    world.source.0.send([1]).await;
    world.begin(|_| ());
    world.settle().await;
    world.advance(VISIBILITY).await;
    assert_eq!(*world.told.0.lock(), ["PROBLEM: Function call failed"]);
    world.advance(VISIBILITY).await;
    assert_eq!(*world.told.0.lock(), ["PROBLEM: Function call failed", "OK"]);
    world.stop().await;
}

#[tokio::test]
async fn a_mapping_without_trouble_says_nothing() {
    let world = World::new();
    world.source.0.send([1]).await;
    world.begin(|_| ());
    world.settle().await;
    assert_eq!((world.done(), world.told.0.lock().len()), (vec![1], 0));
    world.stop().await;
}

#[tokio::test]
async fn a_source_that_is_gone_is_told_and_found_again() {
    let world = World::new();
    *world.source.0.gone.lock() = true;
    world.begin(|_| ());
    world.until(|| world.told.0.lock().len() == 1).await;
    assert_eq!(*world.told.0.lock(), ["PROBLEM: The queue is gone."]);
    *world.source.0.gone.lock() = false;
    world.source.0.send([1]).await;
    world.clock.advance(SECOND * 10);
    world.until(|| world.done() == [1]).await;
    world.until(|| world.told.0.lock().last().is_some_and(|told| told == "OK")).await;
    world.stop().await;
}
