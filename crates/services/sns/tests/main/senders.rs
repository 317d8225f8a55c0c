//! Services of the platform that publish: the topic's policy is asked.

use serde_json::{Value, json};
use updraft_api_sns::Sns as _;
use updraft_api_sns::types::SetTopicAttributesInput;
use updraft_kernel::ports::{Sender, TargetEvent};
use updraft_kernel::{AccountId, Arn, UnixMillis};

use crate::support::Cloud;

/// What comes of an event of a bucket of that account.
async fn told(cloud: &Cloud, topic: &str, account: &str) -> String {
    let bucket = Sender::new("s3.amazonaws.com", Arn::parse("arn:aws:s3:::b").unwrap());
    let sender = bucket.of(AccountId::parse(account).unwrap());
    let target = Arn::parse(topic).unwrap();
    let port = cloud.sns.event_target("http://x");
    let admitted = port.admits(&sender, &target).await.unwrap();
    let event = TargetEvent {
        id: cloud.world.cx().request_id.as_str().to_owned(),
        target,
        sender,
        body: "{}".into(),
        attributes: Vec::new(),
        detail_type: None,
        object_key: None,
        at: UnixMillis(0),
        trace: None,
    };
    let sent = port.send(event).await;
    assert_eq!(sent.is_ok(), admitted, "it is as was said before");
    cloud.settle().await;
    assert_eq!(cloud.got("q").len(), usize::from(sent.is_ok()));
    sent.map_or_else(|error| format!("{}: {}", error.code().name, error.message()), |()| "taken".to_owned())
}

async fn say(cloud: &Cloud, topic: &str, effect: &str, condition: &Value) {
    let statement = json!({
        "Effect": effect, "Principal": { "Service": "s3.amazonaws.com" }, "Action": "SNS:Publish", "Resource": topic,
        "Condition": condition,
    });
    let policy = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
    let input = SetTopicAttributesInput {
        topic_arn: topic.into(),
        attribute_name: "Policy".into(),
        attribute_value: Some(policy),
    };
    cloud.sns.set_topic_attributes(&cloud.world.cx(), input).await.unwrap();
}

const OWN: &str = "000000000000";
const OTHER: &str = "111111111111";

fn refused(topic: &str, why: &str) -> String {
    format!(
        "AuthorizationError: User: s3.amazonaws.com is not authorized to perform: SNS:Publish on resource: {topic} {why}"
    )
}

const NOT_ALLOWED: &str = "because no resource-based policy allows the SNS:Publish action";

#[tokio::test]
async fn own_events_come_unless_denied_and_others_where_allowed() {
    let cloud = Cloud::new();
    let topic = cloud.topic("t", &[]).await;
    cloud.subscribe(&topic, "q", &[]).await;
    assert_eq!(told(&cloud, &topic, OWN).await, "taken");
    assert_eq!(told(&cloud, &topic, OTHER).await, refused(&topic, NOT_ALLOWED));
    say(&cloud, &topic, "Allow", &json!({ "StringEquals": { "aws:SourceAccount": OTHER } })).await;
    assert_eq!(told(&cloud, &topic, OTHER).await, "taken");
    assert_eq!(told(&cloud, &topic, OWN).await, "taken");
    say(&cloud, &topic, "Deny", &json!({ "ArnLike": { "aws:SourceArn": "arn:aws:s3:::b*" } })).await;
    let denied = refused(&topic, "with an explicit deny in a resource-based policy");
    assert_eq!(told(&cloud, &topic, OWN).await, denied);
}

#[tokio::test]
async fn where_it_is_strict_a_topic_as_it_begins_lets_no_service_in() {
    let cloud = Cloud::strict();
    let topic = cloud.topic("t", &[]).await;
    cloud.subscribe(&topic, "q", &[]).await;
    assert_eq!(told(&cloud, &topic, OWN).await, refused(&topic, NOT_ALLOWED));
    say(&cloud, &topic, "Allow", &json!({})).await;
    assert_eq!(told(&cloud, &topic, OWN).await, "taken");
}
