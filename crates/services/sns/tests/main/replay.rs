//! What topics keep, and subscriptions that want it again.

use std::collections::BTreeMap;
use std::time::Duration;

use updraft_api_sns::Sns as Api;
use updraft_api_sns::types::{
    DeleteTopicInput, GetSubscriptionAttributesInput, GetTopicAttributesInput, PublishInput, SetTopicAttributesInput,
};
use updraft_kernel::{AwsError, UnixMillis};
use updraft_testkit::ManualClock;

use crate::support::{Cloud, body, input, words};

const KEPT: (&str, &str) = ("ArchivePolicy", r#"{"MessageRetentionPeriod":"2"}"#);
const RAW: (&str, &str) = ("RawMessageDelivery", "true");

async fn topic(cloud: &Cloud) -> String {
    cloud.topic("t.fifo", &[("FifoTopic", "true"), ("ContentBasedDeduplication", "true"), KEPT]).await
}

async fn publish(cloud: &Cloud, topic: &str, message: &str) {
    let group = Some("g".to_owned());
    cloud.try_publish(PublishInput { message_group_id: group, ..input(topic, message) }).await.unwrap();
}

/// From so many seconds after the clock's beginning.
fn policy(from: u64, until: Option<u64>) -> String {
    let at = |seconds| timestamp(ManualClock::START.plus(Duration::from_secs(seconds)));
    let until = until.map(|until| format!(r#","EndingPoint":"{}""#, at(until))).unwrap_or_default();
    format!(r#"{{"PointType":"Timestamp","StartingPoint":"{}"{until}}}"#, at(from))
}

fn timestamp(at: UnixMillis) -> String {
    format!("{:.3}", jiff::Timestamp::from_millisecond(at.0).unwrap())
}

async fn shown(cloud: &Cloud, subscription: &str) -> BTreeMap<String, String> {
    let input = GetSubscriptionAttributesInput { subscription_arn: subscription.into() };
    cloud.sns.get_subscription_attributes(&cloud.world.cx(), input).await.unwrap().attributes.unwrap()
}

fn texts(cloud: &Cloud, queue: &str) -> Vec<String> {
    cloud.got(queue).iter().map(body).collect()
}

#[tokio::test]
async fn what_was_published_before_comes_again_and_then_what_is_new() {
    let cloud = Cloud::new();
    let topic = topic(&cloud).await;
    for n in 0..120 {
        publish(&cloud, &topic, &n.to_string()).await;
        cloud.world.clock.advance(Duration::from_secs(1));
    }
    let late = cloud.subscribe(&topic, "q.fifo", &[RAW, ("ReplayPolicy", &policy(10, None))]).await;
    // The outbox may have begun with it.
    let status = &shown(&cloud, &late).await["ReplayStatus"];
    assert!(["Pending", "In progress"].contains(&status.as_str()), "{status}");
    publish(&cloud, &topic, "meanwhile").await;
    cloud.settle().await;
    publish(&cloud, &topic, "after").await;
    cloud.settle().await;
    let expected: Vec<_> = (10..120).map(|n| n.to_string()).chain(["meanwhile".into(), "after".into()]).collect();
    let got = cloud.got("q.fifo");
    assert_eq!(got.iter().map(body).collect::<Vec<_>>(), expected);
    let mut replayed = got.iter().map(|one| one.attributes.contains_key("Replayed"));
    assert!(replayed.by_ref().take(110).all(|told| told), "all that had been published before");
    // What was published meanwhile was still found in the archive, or came as what is new.
    assert_eq!(replayed.last(), Some(false), "what was published after it is new");
    let shown = shown(&cloud, &late).await;
    assert_eq!(shown["ReplayStatus"], "Completed");
    assert!(!shown.contains_key("ReplayRun") && !shown.contains_key("ReplayedTo"));
}

#[tokio::test]
async fn who_asks_for_an_end_gets_nothing_new_until_it_is_taken_back() {
    let cloud = Cloud::new();
    let topic = topic(&cloud).await;
    let subscription = cloud.subscribe(&topic, "q.fifo", &[RAW]).await;
    for n in 0..5 {
        publish(&cloud, &topic, &n.to_string()).await;
        // What is under way while time leaps has taken too long.
        cloud.settle().await;
        cloud.world.clock.advance(Duration::from_secs(400));
    }
    cloud.settle().await;
    assert_eq!(texts(&cloud, "q.fifo").len(), 5);
    cloud.set(&subscription, "ReplayPolicy", &policy(400, Some(800))).await.unwrap();
    cloud.settle().await;
    publish(&cloud, &topic, "new").await;
    cloud.settle().await;
    assert_eq!(texts(&cloud, "q.fifo"), ["1", "2"]);
    cloud.set(&subscription, "ReplayPolicy", "").await.unwrap();
    assert!(!shown(&cloud, &subscription).await.contains_key("ReplayStatus"));
    publish(&cloud, &topic, "newer").await;
    cloud.settle().await;
    assert_eq!(texts(&cloud, "q.fifo"), ["newer"]);
}

#[tokio::test]
async fn what_is_replayed_waits_behind_what_must_wait_and_filters_choose() {
    let cloud = Cloud::new();
    let topic = topic(&cloud).await;
    for n in 0..4 {
        publish(&cloud, &topic, &format!(r#"{{"n":{n}}}"#)).await;
    }
    cloud.outside.busy.lock().insert("q.fifo".into(), 6);
    let filter = [("FilterPolicyScope", "MessageBody"), ("FilterPolicy", r#"{"n":[{"numeric":[">",0]}]}"#)];
    let attributes = [RAW, ("ReplayPolicy", &policy(0, None)), filter[0], filter[1]];
    cloud.subscribe(&topic, "q.fifo", &attributes).await;
    cloud.settle().await;
    publish(&cloud, &topic, r#"{"n":4}"#).await;
    for _second in 0..30 {
        cloud.settle().await;
        cloud.world.clock.advance(Duration::from_secs(1));
    }
    let expected: Vec<_> = (1..5).map(|n| format!(r#"{{"n":{n}}}"#)).collect();
    assert_eq!(texts(&cloud, "q.fifo"), expected);
}

#[tokio::test]
async fn a_topic_keeps_things_for_as_long_as_it_says() {
    let cloud = Cloud::new();
    let topic = topic(&cloud).await;
    publish(&cloud, &topic, "old").await;
    cloud.world.clock.advance(Duration::from_secs(36 * 3600));
    cloud.settle().await;
    publish(&cloud, &topic, "young").await;
    cloud.world.clock.advance(Duration::from_secs(36 * 3600));
    cloud.settle().await;
    cloud.subscribe(&topic, "q.fifo", &[RAW, ("ReplayPolicy", &policy(0, None))]).await;
    cloud.settle().await;
    assert_eq!(texts(&cloud, "q.fifo"), ["young"]);

    let input = GetTopicAttributesInput { topic_arn: topic.clone() };
    let shown = cloud.sns.get_topic_attributes(&cloud.world.cx(), input).await.unwrap().attributes.unwrap();
    assert_eq!(shown["BeginningArchiveTime"], timestamp(ManualClock::START));
    let delete = || DeleteTopicInput { topic_arn: topic.clone() };
    assert!(words(cloud.sns.delete_topic(&cloud.world.cx(), delete()).await).starts_with("InvalidState: "));
    archive(&cloud, &topic, "{}").await.unwrap();
    cloud.sns.delete_topic(&cloud.world.cx(), delete()).await.unwrap();
    cloud.world.clock.advance(Duration::from_secs(24 * 3600));
    cloud.settle().await;
    assert_eq!(cloud.rows().await, 0);
    assert_eq!(cloud.timers.next_due().await.unwrap(), None, "nobody looks after it any more");
}

async fn archive(cloud: &Cloud, topic: &str, policy: &str) -> Result<(), AwsError> {
    let input = SetTopicAttributesInput {
        topic_arn: topic.into(),
        attribute_name: "ArchivePolicy".into(),
        attribute_value: Some(policy.into()),
    };
    cloud.sns.set_topic_attributes(&cloud.world.cx(), input).await.map(drop)
}

#[tokio::test]
async fn what_cant_be_kept_or_replayed_is_refused() {
    let cloud = Cloud::new();
    let (fifo, plain) = (topic(&cloud).await, cloud.topic("t", &[]).await);
    for policy in ["x", r#"{"MessageRetentionPeriod":"0"}"#, r#"{"MessageRetentionPeriod":"366"}"#] {
        assert!(words(archive(&cloud, &fifo, policy).await).contains("ArchivePolicy: "), "{policy}");
    }
    assert!(words(archive(&cloud, &plain, KEPT.1).await).contains("only valid for FIFO topics"));
    let subscription = cloud.subscribe(&fifo, "q.fifo", &[]).await;
    for policy in ["x", "{}", r#"{"PointType":"Timestamp","StartingPoint":"never"}"#] {
        assert!(words(cloud.set(&subscription, "ReplayPolicy", policy).await).contains("ReplayPolicy: "), "{policy}");
    }
}
