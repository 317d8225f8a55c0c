//! What `Publish` and `PublishBatch` take and refuse.

use updraft_api_sns::Sns as Api;
use updraft_api_sns::types::{MessageAttributeValue, PublishBatchInput, PublishBatchRequestEntry, PublishInput};

use crate::support::{Cloud, input, text, words};

fn entry(id: &str, message: &str) -> PublishBatchRequestEntry {
    PublishBatchRequestEntry { id: id.into(), message: message.into(), ..Default::default() }
}

async fn batch(
    cloud: &Cloud,
    topic: &str,
    entries: Vec<PublishBatchRequestEntry>,
) -> Result<updraft_api_sns::types::PublishBatchOutput, updraft_kernel::AwsError> {
    let input = PublishBatchInput { topic_arn: topic.into(), publish_batch_request_entries: entries };
    cloud.sns.publish_batch(&cloud.world.cx(), input).await
}

#[tokio::test]
async fn a_message_counts_with_its_attributes() {
    let cloud = Cloud::new();
    let topic = cloud.topic("t", &[]).await;
    let most = "x".repeat(256 * 1024);
    cloud.publish(&topic, &most).await;
    let attributes = Some([("a".to_owned(), text("v"))].into());
    let input = PublishInput { message_attributes: attributes, ..input(&topic, &most) };
    assert!(words(cloud.try_publish(input).await).ends_with("Message too long"));
}

#[tokio::test]
async fn a_topic_may_take_more() {
    let cloud = Cloud::new();
    let topic = cloud.topic("t", &[("MaximumMessageSize", "1048576")]).await;
    cloud.subscribe(&topic, "q", &[]).await;
    cloud.publish(&topic, &"x".repeat(1024 * 1024)).await;
    cloud.settle().await;
    assert_eq!(cloud.got("q").len(), 1);
}

#[tokio::test]
async fn attributes_are_checked_one_by_one() {
    let cloud = Cloud::new();
    let topic = cloud.topic("t", &[]).await;
    let of = |data_type: &str, string_value: Option<&str>| MessageAttributeValue {
        data_type: data_type.into(),
        string_value: string_value.map(str::to_owned),
        binary_value: None,
    };
    let cases = [
        ("a", of("Other", Some("v")), "the set of supported type prefixes is Binary, Number, and String."),
        (
            "a",
            of("String", None),
            "must contain non-empty message attribute value for message attribute type 'String'.",
        ),
        ("a", of("Binary", Some("v")), "The message attribute 'a' with type 'Binary' must use field 'Binary'."),
        ("a", of("Number", Some("v")), "Could not cast message attribute 'a' value to number."),
        ("a", of("Number", Some("NaN")), "Could not cast message attribute 'a' value to number."),
        (".a", of("String", Some("v")), "Invalid message attribute name starting with character '.' was found."),
    ];
    for (name, value, expected) in cases {
        let attributes = Some([(name.to_owned(), value)].into());
        let refused = cloud.try_publish(PublishInput { message_attributes: attributes, ..input(&topic, "x") }).await;
        let refused = words(refused);
        assert!(refused.starts_with("ParameterValueInvalid: ") && refused.ends_with(expected), "{refused}");
    }
}

#[tokio::test]
async fn a_batch_is_answered_entry_by_entry() {
    let cloud = Cloud::new();
    let topic = cloud.topic("t", &[]).await;
    cloud.subscribe(&topic, "q", &[]).await;
    let answer = batch(&cloud, &topic, vec![entry("1", "a"), entry("2", ""), entry("3", "b")]).await.unwrap();
    let (successful, failed) = (answer.successful.unwrap(), answer.failed.unwrap());
    let ids: Vec<_> = successful.iter().map(|one| one.id.clone().unwrap()).collect();
    assert_eq!((ids, failed.len(), failed[0].code.as_str()), (vec!["1".into(), "3".into()], 1, "InvalidParameter"));
    cloud.settle().await;
    assert_eq!(cloud.got("q").len(), 2);
}

#[tokio::test]
async fn a_batch_has_one_to_ten_entries_of_different_names() {
    let cloud = Cloud::new();
    let topic = cloud.topic("t", &[]).await;
    let many = |count: usize| (0..count).map(|n| entry(&n.to_string(), "x")).collect::<Vec<_>>();
    assert!(batch(&cloud, &topic, many(10)).await.is_ok());
    let half = "x".repeat(128 * 1024 + 1);
    let cases = [
        (many(0), "EmptyBatchRequest"),
        (many(11), "TooManyEntriesInBatchRequest"),
        (vec![entry("a", "x"), entry("a", "x")], "BatchEntryIdsNotDistinct"),
        (vec![entry("a b", "x")], "InvalidBatchEntryId"),
        (vec![entry("a", &half), entry("b", &half)], "BatchRequestTooLong"),
    ];
    for (entries, expected) in cases {
        assert!(words(batch(&cloud, &topic, entries).await).starts_with(expected), "{expected}");
    }
}

#[tokio::test]
async fn what_isnt_a_topic_is_told_so() {
    let cloud = Cloud::new();
    let topic = cloud.topic("t", &[]).await;
    let missing = input(&topic.replace(":t", ":u"), "x");
    assert_eq!(words(cloud.try_publish(missing).await), "NotFound: Topic does not exist");
    let elsewhere = input(&topic.replace("us-east-1", "eu-west-1"), "x");
    assert_eq!(words(cloud.try_publish(elsewhere).await), "InvalidParameter: Invalid parameter: TopicArn");
    let nowhere = PublishInput { message: "x".into(), ..Default::default() };
    assert!(words(cloud.try_publish(nowhere).await).contains("TopicArn or TargetArn Reason: no value"));
}
