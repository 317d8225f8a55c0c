//! Topics: made, found again, set and deleted.

use updraft_api_sns::Sns as Api;
use updraft_api_sns::types::{
    AddPermissionInput, CreateTopicInput, DeleteTopicInput, GetTopicAttributesInput, ListTopicsInput,
    SetTopicAttributesInput, Tag,
};

use crate::support::{Cloud, map, words};

async fn set(cloud: &Cloud, topic: &str, name: &str, value: &str) -> Result<(), updraft_kernel::AwsError> {
    let input = SetTopicAttributesInput {
        topic_arn: topic.into(),
        attribute_name: name.into(),
        attribute_value: Some(value.into()),
    };
    cloud.sns.set_topic_attributes(&cloud.world.cx(), input).await.map(drop)
}

async fn attributes(cloud: &Cloud, topic: &str) -> std::collections::BTreeMap<String, String> {
    let input = GetTopicAttributesInput { topic_arn: topic.into() };
    cloud.sns.get_topic_attributes(&cloud.world.cx(), input).await.unwrap().attributes.unwrap()
}

#[tokio::test]
async fn a_topic_made_again_is_the_same_unless_it_is_to_be_another() {
    let cloud = Cloud::new();
    let arn = cloud.topic("t", &[("DisplayName", "one")]).await;
    assert_eq!(arn, "arn:aws:sns:us-east-1:000000000000:t");
    assert_eq!(cloud.topic("t", &[]).await, arn);
    assert_eq!(cloud.topic("t", &[("DisplayName", "one")]).await, arn);
    for other in [("DisplayName", "two"), ("KmsMasterKeyId", "k")] {
        let input = CreateTopicInput { name: "t".into(), attributes: Some(map(&[other])), ..Default::default() };
        let refused = words(cloud.sns.create_topic(&cloud.world.cx(), input).await);
        let expected = "Invalid parameter: Attributes Reason: Topic already exists with different attributes";
        assert_eq!(refused, format!("InvalidParameter: {expected}"));
    }
    let tags = Some(vec![Tag { key: "k".into(), value: "v".into() }]);
    let input = CreateTopicInput { name: "t".into(), tags, ..Default::default() };
    assert!(words(cloud.sns.create_topic(&cloud.world.cx(), input).await).ends_with("with different tags"));
}

#[tokio::test]
async fn what_a_topic_says_of_itself() {
    let cloud = Cloud::new();
    let plain = attributes(&cloud, &cloud.topic("t", &[]).await).await;
    let names: Vec<_> = plain.keys().map(String::as_str).collect();
    let expected = [
        "DisplayName",
        "EffectiveDeliveryPolicy",
        "Owner",
        "Policy",
        "SubscriptionsConfirmed",
        "SubscriptionsDeleted",
        "SubscriptionsPending",
        "TopicArn",
    ];
    assert_eq!(names, expected);
    let fifo = attributes(&cloud, &cloud.topic("t.fifo", &[("FifoTopic", "true")]).await).await;
    assert_eq!((fifo["FifoTopic"].as_str(), fifo["ContentBasedDeduplication"].as_str()), ("true", "false"));
}

#[tokio::test]
async fn attributes_are_checked_set_and_taken_away() {
    let cloud = Cloud::new();
    let topic = cloud.topic("t", &[]).await;
    set(&cloud, &topic, "TracingConfig", "Active").await.unwrap();
    set(&cloud, &topic, "LambdaSuccessFeedbackSampleRate", "100").await.unwrap();
    assert_eq!(attributes(&cloud, &topic).await["TracingConfig"], "Active");
    set(&cloud, &topic, "TracingConfig", "").await.unwrap();
    assert!(!attributes(&cloud, &topic).await.contains_key("TracingConfig"));
    for (name, value) in [
        ("FifoTopic", "true"),
        ("Other", "x"),
        ("TracingConfig", "x"),
        ("SQSSuccessFeedbackSampleRate", "101"),
        ("MaximumMessageSize", "1023"),
        ("MaximumMessageSize", "1048577"),
        ("ContentBasedDeduplication", "true"),
        ("Policy", "x"),
    ] {
        assert!(words(set(&cloud, &topic, name, value).await).starts_with("InvalidParameter: Invalid parameter: "));
    }
}

#[tokio::test]
async fn a_deleted_topic_leaves_nothing() {
    let cloud = Cloud::new();
    let topic = cloud.topic("t.fifo", &[("FifoTopic", "true"), ("ContentBasedDeduplication", "true")]).await;
    for n in 0..3 {
        cloud.subscribe(&topic, &format!("q{n}.fifo"), &[]).await;
    }
    let mut input = crate::support::input(&topic, "x");
    input.message_group_id = Some("g".into());
    cloud.try_publish(input).await.unwrap();
    cloud.settle().await;
    let delete = || DeleteTopicInput { topic_arn: topic.clone() };
    cloud.sns.delete_topic(&cloud.world.cx(), delete()).await.unwrap();
    cloud.sns.delete_topic(&cloud.world.cx(), delete()).await.unwrap();
    cloud.settle().await;
    assert_eq!(cloud.rows().await, 0);
    let gone = cloud.sns.get_topic_attributes(&cloud.world.cx(), GetTopicAttributesInput { topic_arn: topic }).await;
    assert_eq!(words(gone), "NotFound: Topic does not exist");
}

#[tokio::test]
async fn topics_are_listed_a_hundred_at_a_time() {
    let cloud = Cloud::new();
    for n in 0..101 {
        cloud.topic(&format!("t{n:03}"), &[]).await;
    }
    let list =
        async |next_token| cloud.sns.list_topics(&cloud.world.cx(), ListTopicsInput { next_token }).await.unwrap();
    let first = list(None).await;
    assert_eq!(first.topics.unwrap().len(), 100);
    let second = list(first.next_token).await;
    assert_eq!((second.topics.unwrap().len(), second.next_token), (1, None));
}

#[tokio::test]
async fn permissions_are_statements_of_the_policy() {
    let cloud = Cloud::new();
    let topic = cloud.topic("t", &[]).await;
    let add = async |label: &str, action: &str| {
        let input = AddPermissionInput {
            topic_arn: topic.clone(),
            label: label.into(),
            aws_account_id: vec!["111111111111".into()],
            action_name: vec![action.into()],
        };
        cloud.sns.add_permission(&cloud.world.cx(), input).await
    };
    add("l", "Publish").await.unwrap();
    assert!(words(add("l", "Publish").await).ends_with("Statement already exists"));
    assert!(words(add("m", "Fly").await).ends_with("Policy statement action out of service scope!"));
    let policy = attributes(&cloud, &topic).await.remove("Policy").unwrap();
    let expected = r#"{"Sid":"l","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"SNS:Publish","Resource":"arn:aws:sns:us-east-1:000000000000:t"}"#;
    assert!(policy.contains(expected), "{policy}");
}
