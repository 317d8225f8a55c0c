//! Topics that are first-in-first-out.

use std::time::Duration;

use updraft_api_sns::Sns as Api;
use updraft_api_sns::types::{PublishInput, PublishOutput};

use crate::support::{Cloud, body, input, words};

async fn topic(cloud: &Cloud, more: &[(&str, &str)]) -> String {
    let mut attributes = vec![("FifoTopic", "true")];
    attributes.extend(more);
    cloud.topic("t.fifo", &attributes).await
}

fn of(topic: &str, message: &str, group: &str, deduplication: Option<&str>) -> PublishInput {
    PublishInput {
        message_group_id: Some(group.into()),
        message_deduplication_id: deduplication.map(str::to_owned),
        ..input(topic, message)
    }
}

async fn publish(cloud: &Cloud, input: PublishInput) -> PublishOutput {
    cloud.sns.publish(&cloud.world.cx(), input).await.unwrap()
}

#[tokio::test]
async fn a_duplicate_is_accepted_and_not_delivered_for_five_minutes() {
    let cloud = Cloud::new();
    let topic = topic(&cloud, &[]).await;
    cloud.subscribe(&topic, "q.fifo", &[]).await;
    let first = publish(&cloud, of(&topic, "a", "g", Some("d"))).await;
    cloud.world.clock.advance(Duration::from_millis(5 * 60_000 - 1));
    let again = publish(&cloud, of(&topic, "b", "h", Some("d"))).await;
    assert_eq!(again, first);
    cloud.world.clock.advance(Duration::from_millis(1));
    let later = publish(&cloud, of(&topic, "c", "g", Some("d"))).await;
    assert!(later.sequence_number > first.sequence_number);
    cloud.settle().await;
    assert_eq!(cloud.got("q.fifo").len(), 2);
    // Nothing is kept for longer than it is asked for.
    let before = cloud.rows().await;
    cloud.world.clock.advance(Duration::from_secs(11 * 60));
    cloud.settle().await;
    assert!(cloud.rows().await < before);
}

#[tokio::test]
async fn duplicates_are_told_by_content_and_within_a_group_where_the_topic_says_so() {
    let cloud = Cloud::new();
    let topic = topic(&cloud, &[("ContentBasedDeduplication", "true"), ("FifoThroughputScope", "MessageGroup")]).await;
    cloud.subscribe(&topic, "q.fifo", &[("RawMessageDelivery", "true")]).await;
    for group in ["g", "g", "h"] {
        publish(&cloud, of(&topic, "Test", group, None)).await;
    }
    cloud.settle().await;
    let got = cloud.got("q.fifo");
    assert_eq!(got.len(), 2);
    // As AWS hashes it, recorded.
    let hash = "532eaabd9574880dbf76b9b8cc00832c20a6ec113d682299550d7a6e0f345e25";
    assert!(got.iter().all(|one| one.deduplication.as_deref() == Some(hash)));
}

#[tokio::test]
async fn a_group_keeps_its_order_behind_what_must_wait() {
    let cloud = Cloud::new();
    let topic = topic(&cloud, &[]).await;
    for queue in ["busy.fifo", "free.fifo"] {
        cloud.subscribe(&topic, queue, &[("RawMessageDelivery", "true")]).await;
    }
    cloud.outside.busy.lock().insert("busy.fifo".into(), 6);
    for n in 0..20 {
        publish(&cloud, of(&topic, &n.to_string(), "g", Some(&n.to_string()))).await;
        cloud.settle().await;
    }
    for _second in 0..60 {
        cloud.world.clock.advance(Duration::from_secs(1));
        cloud.settle().await;
    }
    let expected: Vec<_> = (0..20).map(|n| n.to_string()).collect();
    for queue in ["free.fifo", "busy.fifo"] {
        assert_eq!(cloud.got(queue).iter().map(body).collect::<Vec<_>>(), expected, "{queue}");
    }
    // Nothing waits any more, so that the next one goes at once.
    publish(&cloud, of(&topic, "last", "g", Some("last"))).await;
    cloud.settle().await;
    assert_eq!(cloud.bodies("busy.fifo"), ["last"]);
}

#[tokio::test]
async fn what_the_kind_of_topic_asks_for_is_there() {
    let cloud = Cloud::new();
    let (fifo, plain) = (topic(&cloud, &[]).await, cloud.topic("t", &[]).await);
    let cases = [
        (input(&fifo, "x"), "The MessageGroupId parameter is required for FIFO topics"),
        (of(&fifo, "x", "g", None), "ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"),
        (of(&plain, "x", "g", Some("d")), "parameter that is not valid for this topic type"),
    ];
    for (input, expected) in cases {
        assert!(words(cloud.try_publish(input).await).ends_with(expected), "{expected}");
    }
    cloud.subscribe(&plain, "q", &[]).await;
    cloud.try_publish(of(&plain, "x", "g", None)).await.unwrap();
    cloud.settle().await;
    assert_eq!(cloud.got("q")[0].group.as_deref(), Some("g"));
}

#[tokio::test]
async fn a_plain_queue_gets_neither_group_nor_id() {
    let cloud = Cloud::new();
    let topic = topic(&cloud, &[]).await;
    cloud.subscribe(&topic, "q", &[]).await;
    publish(&cloud, of(&topic, "x", "g", Some("d"))).await;
    cloud.settle().await;
    let [got] = cloud.got("q").try_into().unwrap();
    assert_eq!((got.group, got.deduplication), (None, None));
}
