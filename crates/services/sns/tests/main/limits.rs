//! How many there may be.

use updraft_api_sns::Sns as Api;
use updraft_api_sns::types::{DeleteTopicInput, UnsubscribeInput};

use crate::support::{Cloud, queue_arn, words};

const FILTER: (&str, &str) = ("FilterPolicy", r#"{"a":["b"]}"#);

#[tokio::test]
async fn a_topic_has_two_hundred_filter_policies_whichever_way_they_come() {
    let cloud = Cloud::new();
    let topic = cloud.topic("t", &[]).await;
    let mut last = String::new();
    for n in 0..200 {
        last = cloud.subscribe(&topic, &format!("q{n}"), &[FILTER]).await;
    }
    let plain = cloud.subscribe(&topic, "plain", &[]).await;
    let refused = "FilterPolicyLimitExceeded: Filter policy limit of 200 exceeded";
    let more = async || cloud.try_subscribe(&topic, "sqs", &queue_arn("more"), &[FILTER]).await;
    assert_eq!(words(more().await), refused);
    assert_eq!(words(cloud.set(&plain, FILTER.0, FILTER.1).await), refused);
    // It has one already.
    cloud.set(&last, FILTER.0, r#"{"a":["c"]}"#).await.unwrap();

    cloud.set(&last, FILTER.0, "{}").await.unwrap();
    // One was taken away, and then one has ended.
    cloud.set(&plain, FILTER.0, FILTER.1).await.unwrap();
    assert_eq!(words(more().await), refused);
    cloud.sns.unsubscribe(&cloud.world.cx(), UnsubscribeInput { subscription_arn: plain }).await.unwrap();
    more().await.unwrap();
    assert_eq!(words(cloud.set(&last, FILTER.0, FILTER.1).await), refused);
}

#[tokio::test]
async fn nothing_counts_that_went_with_its_topic() {
    let cloud = Cloud::new();
    for round in 0..2 {
        let topic = cloud.topic("t", &[]).await;
        for n in 0..200 {
            cloud.subscribe(&topic, &format!("q{n}"), &[FILTER]).await;
        }
        cloud.sns.delete_topic(&cloud.world.cx(), DeleteTopicInput { topic_arn: topic }).await.unwrap();
        cloud.settle().await;
        assert_eq!(cloud.rows().await, 0, "in round {round}");
    }
}

#[tokio::test]
async fn a_first_in_first_out_topic_has_a_hundred_subscriptions() {
    let cloud = Cloud::new();
    let topic = cloud.topic("t.fifo", &[("FifoTopic", "true")]).await;
    for n in 0..100 {
        cloud.subscribe(&topic, &format!("q{n}.fifo"), &[]).await;
    }
    let refused = "SubscriptionLimitExceeded: Subscription limit of 100 exceeded";
    assert_eq!(words(cloud.try_subscribe(&topic, "sqs", &queue_arn("more.fifo"), &[]).await), refused);
    // It is there already.
    cloud.try_subscribe(&topic, "sqs", &queue_arn("q7.fifo"), &[]).await.unwrap();
}
