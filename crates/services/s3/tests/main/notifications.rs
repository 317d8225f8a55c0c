//! Who is told, and that they are told so.

use std::sync::Arc;

use parking_lot::Mutex;
use updraft_api_s3::S3 as _;
use updraft_api_s3::types::{
    Event, EventBridgeConfiguration, GetBucketNotificationConfigurationInput, NotificationConfiguration,
    PutBucketNotificationConfigurationInput, QueueConfiguration,
};
use updraft_kernel::ports::{EventTargetPort, Sender, TargetEvent};
use updraft_kernel::{AccountId, Arn, AwsError, BoxFuture};

use crate::support::{Cloud, words};

/// Queues called `here…` exist; those called `here-shut` let no bucket in.
#[derive(Debug, Default)]
pub(crate) struct Queues(pub(crate) Mutex<Vec<(String, serde_json::Value)>>);

impl EventTargetPort for Queues {
    fn exists<'a>(&'a self, target: &'a Arn) -> BoxFuture<'a, Result<bool, AwsError>> {
        Box::pin(std::future::ready(Ok(target.resource.starts_with("here"))))
    }

    fn admits<'a>(&'a self, sender: &'a Sender, target: &'a Arn) -> BoxFuture<'a, Result<bool, AwsError>> {
        assert_eq!((sender.service, sender.source.service.as_str()), ("s3.amazonaws.com", "s3"));
        assert_eq!(sender.account(), Some(AccountId::local()));
        Box::pin(async move { Ok(self.exists(target).await? && target.resource != "here-shut") })
    }

    fn send(&self, event: TargetEvent) -> BoxFuture<'_, Result<(), AwsError>> {
        let body = serde_json::from_slice(&event.body).unwrap();
        self.0.lock().push((event.target.resource, body));
        Box::pin(std::future::ready(Ok(())))
    }
}

pub(crate) fn queue(name: &str, event: &str) -> QueueConfiguration {
    let queue_arn = format!("arn:aws:sqs:us-east-1:000000000000:{name}");
    QueueConfiguration { queue_arn, events: vec![Event::from(event)], id: None, filter: None }
}

fn telling(queues: Vec<QueueConfiguration>) -> PutBucketNotificationConfigurationInput {
    let notification_configuration =
        NotificationConfiguration { queue_configurations: Some(queues), ..Default::default() };
    PutBucketNotificationConfigurationInput { bucket: "abc".into(), notification_configuration, ..Default::default() }
}

async fn told(cloud: &Cloud) -> (usize, bool) {
    let input = GetBucketNotificationConfigurationInput { bucket: "abc".into(), ..Default::default() };
    let told = cloud.s3.get_bucket_notification_configuration(&cloud.cx(), input).await.unwrap();
    let queues = told.queue_configurations.unwrap_or_default();
    assert!(queues.iter().all(|queue| queue.id.is_some()), "all have got an id");
    (queues.len(), told.event_bridge_configuration.is_some())
}

#[tokio::test]
async fn a_queue_is_told_that_it_will_be_told() {
    let cloud = Cloud::new();
    let queues = Arc::new(Queues::default());
    cloud.targets.register("sqs", queues.clone());
    cloud.bucket("abc").await;
    let put = async |input| cloud.s3.put_bucket_notification_configuration(&cloud.cx(), input).await;
    put(telling(vec![queue("here", "s3:ObjectCreated:*"), queue("here-2", "s3:ObjectRemoved:*")])).await.unwrap();
    cloud.settle().await;
    let mut got = std::mem::take(&mut *queues.0.lock());
    got.sort_by(|one, other| one.0.cmp(&other.0));
    let names: Vec<&str> = got.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["here", "here-2"]);
    for (_, body) in &got {
        assert_eq!(body["Service"], "Amazon S3");
        assert_eq!(body["Event"], "s3:TestEvent");
        assert_eq!(body["Bucket"], "abc");
    }
    assert_eq!(told(&cloud).await, (2, false));
    put(telling(Vec::new())).await.unwrap();
    cloud.settle().await;
    assert_eq!(told(&cloud).await, (0, false));
    assert!(queues.0.lock().is_empty());
}

#[tokio::test]
async fn all_destinations_that_are_missing_are_named() {
    let cloud = Cloud::new();
    cloud.targets.register("sqs", Arc::new(Queues::default()));
    cloud.bucket("abc").await;
    let queues = || {
        let shut = queue("here-shut", "s3:ObjectTagging:*");
        vec![queue("gone", "s3:ObjectCreated:*"), queue("gone-2", "s3:ObjectRemoved:*"), shut]
    };
    let refused = cloud.s3.put_bucket_notification_configuration(&cloud.cx(), telling(queues())).await.unwrap_err();
    assert_eq!(refused.message(), "Unable to validate the following destination configurations");
    let members: Vec<String> = refused.members().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let expected = [
        "ArgumentName1=\"arn:aws:sqs:us-east-1:000000000000:gone\"",
        "ArgumentValue1=\"The destination queue does not exist\"",
        "ArgumentName2=\"arn:aws:sqs:us-east-1:000000000000:gone-2\"",
        "ArgumentValue2=\"The destination queue does not exist\"",
        "ArgumentName3=\"arn:aws:sqs:us-east-1:000000000000:here-shut\"",
        "ArgumentValue3=\"Permissions on the destination queue do not allow S3 to publish notifications from this bucket\"",
    ];
    assert_eq!(members, expected);
    let skipping =
        PutBucketNotificationConfigurationInput { skip_destination_validation: Some(true), ..telling(queues()) };
    cloud.s3.put_bucket_notification_configuration(&cloud.cx(), skipping).await.unwrap();
    assert_eq!(told(&cloud).await, (3, false));
}

#[tokio::test]
async fn a_bus_is_told_where_that_is_asked_for() {
    let cloud = Cloud::new();
    cloud.bucket("abc").await;
    let mut input = telling(Vec::new());
    input.notification_configuration.event_bridge_configuration = Some(EventBridgeConfiguration {});
    cloud.s3.put_bucket_notification_configuration(&cloud.cx(), input).await.unwrap();
    assert_eq!(told(&cloud).await, (0, true));
}

#[tokio::test]
async fn a_bucket_that_is_not_there_tells_nobody() {
    let cloud = Cloud::new();
    let put = cloud.s3.put_bucket_notification_configuration(&cloud.cx(), telling(Vec::new())).await;
    assert_eq!(words(put), "NoSuchBucket: The specified bucket does not exist");
}
