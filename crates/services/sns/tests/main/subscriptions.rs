//! Subscriptions: made, found again, set and ended.

use updraft_api_sns::Sns as Api;
use updraft_api_sns::types::{
    GetSubscriptionAttributesInput, ListSubscriptionsByTopicInput, ListSubscriptionsInput, UnsubscribeInput,
};

use crate::support::{Cloud, queue_arn, words};

async fn attributes(cloud: &Cloud, subscription: &str) -> std::collections::BTreeMap<String, String> {
    let input = GetSubscriptionAttributesInput { subscription_arn: subscription.into() };
    cloud.sns.get_subscription_attributes(&cloud.world.cx(), input).await.unwrap().attributes.unwrap()
}

#[tokio::test]
async fn a_subscription_made_again_is_the_same_unless_it_is_to_be_another() {
    let cloud = Cloud::new();
    let topic = cloud.topic("t", &[]).await;
    let first = cloud.subscribe(&topic, "q", &[("RawMessageDelivery", "true")]).await;
    assert_eq!(cloud.subscribe(&topic, "q", &[]).await, first);
    assert_eq!(cloud.subscribe(&topic, "q", &[("RawMessageDelivery", "true")]).await, first);
    let other = cloud.try_subscribe(&topic, "sqs", &queue_arn("q"), &[("RawMessageDelivery", "false")]).await;
    assert!(words(other).ends_with("Attributes Reason: Subscription already exists with different attributes"));
}

#[tokio::test]
async fn what_cant_be_subscribed_is_refused() {
    let cloud = Cloud::new();
    let topic = cloud.topic("t", &[]).await;
    let cases = [
        ("sqs", "http://q", "SQS endpoint ARN"),
        ("lambda", "f", "Lambda endpoint ARN"),
        ("pigeon", "x", "Amazon SNS does not support this protocol string: pigeon"),
        ("sqs", &queue_arn("q.fifo"), "FIFO SQS Queues can not be subscribed to standard SNS topics"),
    ];
    for (protocol, endpoint, expected) in cases {
        assert!(words(cloud.try_subscribe(&topic, protocol, endpoint, &[]).await).ends_with(expected), "{expected}");
    }
    let missing = cloud.try_subscribe(&format!("{topic}x"), "sqs", &queue_arn("q"), &[]).await;
    assert_eq!(words(missing), "NotFound: Topic does not exist");
    let cases = [
        ("FilterPolicyScope", "x", "Please use either MessageBody or MessageAttributes"),
        ("RawMessageDelivery", "x", "Must be true or false."),
        ("RedrivePolicy", r#"{"deadLetterTargetArn":"x"}"#, "deadLetterTargetArn is an invalid arn"),
        (
            "RedrivePolicy",
            r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:q","maxReceiveCount":3}"#,
            "RedrivePolicy: invalid JSON. Attribute maxReceiveCount is unknown.",
        ),
        ("Other", "x", "Unknown attribute: Other"),
    ];
    for (name, value, expected) in cases {
        let refused = words(cloud.try_subscribe(&topic, "sqs", &queue_arn("q"), &[(name, value)]).await);
        assert!(refused.starts_with("InvalidParameter: Invalid parameter: Attributes Reason: "), "{refused}");
        assert!(refused.ends_with(expected), "{refused}");
    }
}

#[tokio::test]
async fn the_scope_is_shown_beside_a_policy_only() {
    let cloud = Cloud::new();
    let topic = cloud.topic("t", &[]).await;
    let subscription = cloud.subscribe(&topic, "q", &[]).await;
    cloud.set(&subscription, "FilterPolicyScope", "MessageBody").await.unwrap();
    assert!(!attributes(&cloud, &subscription).await.contains_key("FilterPolicyScope"));
    cloud.set(&subscription, "FilterPolicy", r#"{"a":{"b":["c"]}}"#).await.unwrap();
    assert_eq!(attributes(&cloud, &subscription).await["FilterPolicyScope"], "MessageBody");
    cloud.set(&subscription, "FilterPolicy", "{}").await.unwrap();
    assert!(!attributes(&cloud, &subscription).await.contains_key("FilterPolicy"));
}

#[tokio::test]
async fn subscriptions_are_listed_by_topic_and_by_owner_until_they_end() {
    let cloud = Cloud::new();
    let (one, two) = (cloud.topic("one", &[]).await, cloud.topic("two", &[]).await);
    for n in 0..101 {
        cloud.subscribe(&one, &format!("q{n}"), &[]).await;
    }
    let ends = cloud.subscribe(&two, "q", &[]).await;
    let of = async |topic: &str, next_token| {
        let input = ListSubscriptionsByTopicInput { topic_arn: topic.into(), next_token };
        cloud.sns.list_subscriptions_by_topic(&cloud.world.cx(), input).await.unwrap()
    };
    let first = of(&one, None).await;
    assert_eq!(first.subscriptions.unwrap().len(), 100);
    assert_eq!(of(&one, first.next_token).await.subscriptions.unwrap().len(), 1);
    let own = async |next_token| {
        cloud.sns.list_subscriptions(&cloud.world.cx(), ListSubscriptionsInput { next_token }).await.unwrap()
    };
    let first = own(None).await;
    assert_eq!(own(first.next_token).await.subscriptions.unwrap().len(), 2);
    for _twice in 0..2 {
        let input = UnsubscribeInput { subscription_arn: ends.clone() };
        cloud.sns.unsubscribe(&cloud.world.cx(), input).await.unwrap();
    }
    assert_eq!(of(&two, None).await.subscriptions.unwrap(), []);
    assert_eq!(words(cloud.set(&ends, "RawMessageDelivery", "true").await), "NotFound: Subscription does not exist");
}

#[tokio::test]
async fn what_isnt_the_arn_of_a_subscription_is_told_so() {
    let cloud = Cloud::new();
    let cases = [
        ("x", "SubscriptionArn Reason: An ARN must have at least 6 elements, not 1"),
        ("arn:aws:sns:us-east-1:000000000000", "SubscriptionArn Reason: An ARN must have at least 6 elements, not 5"),
        ("arn:aws:sns:us-east-1:000000000000:t", "SubscriptionId"),
        ("", "SubscriptionArn Reason: no value for required parameter"),
    ];
    for (arn, expected) in cases {
        let input = UnsubscribeInput { subscription_arn: arn.into() };
        let refused = words(cloud.sns.unsubscribe(&cloud.world.cx(), input).await);
        assert_eq!(refused, format!("InvalidParameter: Invalid parameter: {expected}"));
    }
}
