//! What makes a batch, and what becomes of it.

use updraft_kernel::UnixMillis;
use updraft_testkit::ManualClock;

use crate::support::{Plan, SECOND, VISIBILITY, World};

#[tokio::test]
async fn what_is_there_goes_at_once_and_never_comes_again() {
    let world = World::new();
    world.source.0.send([1, 2, 3]).await;
    world.begin(|_| ());
    world.settle().await;
    assert_eq!((world.calls(), world.done()), (vec![vec![1, 2, 3]], vec![1, 2, 3]));
    world.advance(VISIBILITY * 2).await;
    assert_eq!(world.calls().len(), 1);
    world.stop().await;
}

#[tokio::test]
async fn a_batch_has_so_many_records_and_no_more() {
    let world = World::new();
    world.source.0.send(0..25).await;
    world.begin(|_| ());
    world.settle().await;
    let mut sizes: Vec<_> = world.calls().iter().map(Vec::len).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [5, 10, 10]);
    assert_eq!(world.done(), (0..25).collect::<Vec<_>>());
    world.stop().await;
}

#[tokio::test]
async fn a_window_gathers_until_it_ends() {
    let world = World::new();
    world.begin(|mapping| mapping.window = SECOND * 5);
    world.source.0.send([1]).await;
    world.settle().await;
    world.clock.advance(SECOND * 3);
    world.source.0.send([2]).await;
    world.advance(SECOND * 2 - SECOND / 1_000).await;
    assert_eq!(world.calls(), Vec::<Vec<u32>>::new(), "one millisecond early");
    world.advance(SECOND / 1_000).await;
    assert_eq!(world.calls(), [[1, 2]]);
    world.stop().await;
}

#[tokio::test]
async fn a_full_batch_does_not_wait_for_its_window() {
    let world = World::new();
    world.begin(|mapping| (mapping.window, mapping.batch) = (SECOND * 300, 100));
    world.source.0.send(0..150).await;
    world.settle().await;
    assert_eq!(world.calls().iter().map(Vec::len).collect::<Vec<_>>(), [100]);
    world.advance(SECOND * 29).await;
    assert_eq!(world.calls().len(), 1, "the others wait");
    world.stop().await;
}

#[tokio::test]
async fn an_event_never_has_more_than_six_mebibytes() {
    let world = World::new();
    *world.source.0.padding.lock() = 1_000_000;
    world.source.0.send(0..10).await;
    world.begin(|mapping| mapping.window = SECOND);
    world.settle().await;
    assert_eq!(world.calls().iter().map(Vec::len).collect::<Vec<_>>(), [6]);
    world.advance(SECOND).await;
    assert_eq!(world.calls().iter().map(Vec::len).collect::<Vec<_>>(), [6, 4]);
    assert_eq!(world.done(), (0..10).collect::<Vec<_>>());
    world.stop().await;
}

#[tokio::test]
async fn failed_records_come_again_after_their_time_and_not_before() {
    let world = World::new();
    world.plan(&[Plan::Fail]);
    world.source.0.send([1]).await;
    world.begin(|_| ());
    world.settle().await;
    world.advance(VISIBILITY - SECOND / 1_000).await;
    assert_eq!(world.calls().len(), 1, "one millisecond early");
    world.advance(SECOND / 1_000).await;
    assert_eq!((world.calls(), world.done()), (vec![vec![1], vec![1]], vec![1]));
    let times: Vec<UnixMillis> = world.function.calls.lock().iter().map(|(at, _)| *at).collect();
    assert_eq!(times, [ManualClock::START, ManualClock::START.plus(VISIBILITY)]);
    world.stop().await;
}

#[tokio::test]
async fn only_what_is_reported_comes_again_where_reports_are_read() {
    const ONE: &str = r#"{"batchItemFailures":[{"itemIdentifier":"2"}]}"#;
    for (reports, kept) in [(true, vec![1, 3]), (false, vec![1, 2, 3])] {
        let world = World::new();
        world.plan(&[Plan::Answer(ONE)]);
        world.source.0.send([1, 2, 3]).await;
        world.begin(|mapping| mapping.reports_failures = reports);
        world.settle().await;
        assert_eq!(world.done(), kept);
        world.advance(VISIBILITY).await;
        assert_eq!(world.done(), [1, 2, 3]);
        assert_eq!(world.calls().get(1), reports.then(|| vec![2]).as_ref());
        world.stop().await;
    }
}

#[tokio::test]
async fn a_report_that_cannot_be_read_fails_the_batch() {
    let world = World::new();
    world.plan(&[Plan::Answer(r#"{"batchItemFailures":[{"foo":"notvalid"}]}"#)]);
    world.source.0.send([1, 2]).await;
    world.begin(|mapping| mapping.reports_failures = true);
    world.settle().await;
    assert_eq!((world.done(), world.calls().len()), (vec![], 1));
    world.advance(VISIBILITY).await;
    assert_eq!((world.done(), world.calls().len()), (vec![1, 2], 2));
    world.stop().await;
}

#[tokio::test]
async fn metrics_count_records_where_they_are_wanted() {
    for counts in [true, false] {
        let world = World::new();
        world.plan(&[Plan::Fail]);
        world.source.0.send([1, 2]).await;
        world.begin(|mapping| {
            mapping.counts = counts;
            mapping.filters = vec![r#"{"n":[1]}"#.into()];
        });
        world.settle().await;
        world.advance(VISIBILITY).await;
        let mut counted = std::collections::BTreeMap::new();
        for batch in world.counted.0.lock().iter() {
            assert_eq!((batch.namespace, batch.dimensions.len()), ("AWS/Lambda", 1));
            assert_eq!(batch.dimensions[0], [("EventSourceMappingUUID", "u".to_owned())]);
            for metric in &batch.metrics {
                *counted.entry(metric.name).or_insert(0.0) += metric.value;
            }
        }
        let expected = [
            ("DeletedEventCount", 1.0),
            ("FailedInvokeEventCount", 1.0),
            ("FilteredOutEventCount", 1.0),
            ("InvokedEventCount", 2.0),
            ("PolledEventCount", 3.0),
        ];
        assert_eq!(counted.into_iter().collect::<Vec<_>>(), if counts { &expected[..] } else { &[] });
        world.stop().await;
    }
}

#[tokio::test]
async fn what_no_pattern_takes_is_dealt_with_and_makes_no_batch_smaller() {
    let world = World::new();
    world.source.0.send(0..20).await;
    world.begin(|mapping| {
        mapping.filters = vec![r#"{"n":[{"numeric":["<",3]}]}"#.into(), r#"{"n":[7,19]}"#.into()];
        mapping.window = SECOND;
    });
    world.settle().await;
    assert_eq!(world.done().len(), 15);
    world.advance(SECOND).await;
    assert_eq!((world.calls(), world.done().len()), (vec![vec![0, 1, 2, 7, 19]], 20));
    world.stop().await;
}
