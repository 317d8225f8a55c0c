//! Lifecycle rules, applied by the clock.

use std::sync::Arc;
use std::time::Duration;

use updraft_api_s3::S3 as _;
use updraft_api_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, BucketVersioningStatus, CreateMultipartUploadInput,
    DeleteBucketLifecycleInput, ExpirationStatus, HeadObjectInput, LifecycleExpiration, LifecycleRule,
    LifecycleRuleFilter, ListMultipartUploadsInput, NoncurrentVersionExpiration, NotificationConfiguration,
    PutBucketLifecycleConfigurationInput, PutBucketNotificationConfigurationInput, Transition, TransitionStorageClass,
};

use crate::notifications::{Queues, queue};
use crate::objects::{cloud, keys};
use crate::support::Cloud;

const DAY: Duration = Duration::from_secs(24 * 3600);

fn rule() -> LifecycleRule {
    LifecycleRule {
        id: Some("a rule".into()),
        filter: Some(LifecycleRuleFilter::default()),
        status: ExpirationStatus::Enabled,
        ..Default::default()
    }
}

fn expiring(days: i32) -> LifecycleRule {
    LifecycleRule { expiration: Some(LifecycleExpiration { days: Some(days), ..Default::default() }), ..rule() }
}

impl Cloud {
    async fn rules(&self, rules: Vec<LifecycleRule>) {
        let input = PutBucketLifecycleConfigurationInput {
            bucket: "bucket".into(),
            lifecycle_configuration: Some(BucketLifecycleConfiguration { rules }),
            ..Default::default()
        };
        self.s3.put_bucket_lifecycle_configuration(&self.cx(), input).await.unwrap();
    }

    /// What happens within it happens when it is due.
    async fn days(&self, count: u32) {
        for _ in 0..count {
            self.world.clock.advance(DAY);
            self.settle().await;
        }
    }
}

#[tokio::test]
async fn objects_expire_at_midnight_and_say_so_before() {
    let cloud = cloud().await;
    let filter = LifecycleRuleFilter { prefix: Some("tmp/".into()), ..Default::default() };
    cloud.rules(vec![LifecycleRule { filter: Some(filter), ..expiring(1) }]).await;
    cloud.world.clock.advance(DAY / 2);
    let put = cloud.put("tmp/a", "1").await;
    let said = "expiry-date=\"Thu, 03 Jan 2030 00:00:00 GMT\", rule-id=\"a%20rule\"";
    assert_eq!(put.expiration.as_deref(), Some(said));
    cloud.put("kept", "2").await;
    let head = |key: &str| HeadObjectInput { bucket: "bucket".into(), key: key.into(), ..Default::default() };
    let seen = cloud.s3.head_object(&cloud.cx(), head("tmp/a")).await.unwrap();
    assert_eq!(seen.expiration.as_deref(), Some(said));
    assert_eq!(cloud.s3.head_object(&cloud.cx(), head("kept")).await.unwrap().expiration, None);
    cloud.days(1).await;
    assert_eq!(keys(&cloud.list(|_| {}).await), ["kept", "tmp/a"]);
    cloud.days(1).await;
    assert_eq!(keys(&cloud.list(|_| {}).await), ["kept"]);
}

#[tokio::test]
async fn many_objects_go_in_portions_and_leave_nothing() {
    let cloud = cloud().await;
    let empty = cloud.rows().await;
    cloud.rules(vec![expiring(1)]).await;
    for n in 0..250 {
        cloud.put(&format!("{n:03}"), "x").await;
    }
    cloud.days(1).await;
    assert!(keys(&cloud.list(|_| {}).await).is_empty());
    let input = DeleteBucketLifecycleInput { bucket: "bucket".into(), ..Default::default() };
    cloud.s3.delete_bucket_lifecycle(&cloud.cx(), input).await.unwrap();
    // What lies beside the rules stays with the bucket.
    assert_eq!(cloud.rows().await, empty + 1);
    cloud.put("later", "x").await;
    cloud.days(3).await;
    assert_eq!(keys(&cloud.list(|_| {}).await), ["later"]);
}

#[tokio::test]
async fn versions_are_marked_then_removed_and_the_marker_last() {
    let cloud = cloud().await;
    cloud.version(BucketVersioningStatus::Enabled).await;
    let noncurrent = NoncurrentVersionExpiration { noncurrent_days: Some(1), newer_noncurrent_versions: None };
    let rules = LifecycleRule { noncurrent_version_expiration: Some(noncurrent), ..expiring(1) };
    cloud.put("k", "1").await;
    cloud.put("k", "2").await;
    cloud.rules(vec![rules]).await;
    cloud.days(1).await;
    assert_eq!(cloud.versions().await, [("k".into(), false, false), ("k".into(), true, true)], "the older is gone");
    cloud.days(1).await;
    assert_eq!(cloud.versions().await, [("k".into(), true, true)]);
    cloud.days(1).await;
    assert!(cloud.versions().await.is_empty());
}

#[tokio::test]
async fn so_many_older_versions_are_kept() {
    let cloud = cloud().await;
    cloud.version(BucketVersioningStatus::Enabled).await;
    let noncurrent = NoncurrentVersionExpiration { noncurrent_days: Some(1), newer_noncurrent_versions: Some(2) };
    cloud.rules(vec![LifecycleRule { noncurrent_version_expiration: Some(noncurrent), ..rule() }]).await;
    for n in 0..5 {
        cloud.put("k", format!("{n}")).await;
    }
    cloud.days(3).await;
    assert_eq!(cloud.versions().await.len(), 3);
    assert_eq!(cloud.get("k", |_| {}).await.unwrap().1, "4");
}

#[tokio::test]
async fn uploads_that_nobody_completes_are_given_up() {
    let cloud = cloud().await;
    let abort = AbortIncompleteMultipartUpload { days_after_initiation: Some(2) };
    cloud.rules(vec![LifecycleRule { abort_incomplete_multipart_upload: Some(abort), ..rule() }]).await;
    let input = CreateMultipartUploadInput { bucket: "bucket".into(), key: "k".into(), ..Default::default() };
    let begun = cloud.s3.create_multipart_upload(&cloud.cx(), input).await.unwrap();
    assert_eq!(begun.abort_date.map(|at| at.0), Some(1_893_628_800_000));
    assert_eq!(begun.abort_rule_id.as_deref(), Some("a rule"));
    let uploads = async || {
        let input = ListMultipartUploadsInput { bucket: "bucket".into(), ..Default::default() };
        cloud.s3.list_multipart_uploads(&cloud.cx(), input).await.unwrap().uploads.unwrap_or_default().len()
    };
    cloud.days(1).await;
    assert_eq!(uploads().await, 1);
    cloud.days(1).await;
    assert_eq!(uploads().await, 0);
}

#[tokio::test]
async fn who_wants_to_know_is_told_of_what_moves_and_what_expires() {
    let cloud = cloud().await;
    let queues = Arc::new(Queues::default());
    cloud.targets.register("sqs", queues.clone());
    let asked = vec![queue("here", "s3:LifecycleExpiration:*"), queue("here-2", "s3:LifecycleTransition")];
    let input = PutBucketNotificationConfigurationInput {
        bucket: "bucket".into(),
        notification_configuration: NotificationConfiguration {
            queue_configurations: Some(asked),
            ..Default::default()
        },
        ..Default::default()
    };
    cloud.s3.put_bucket_notification_configuration(&cloud.cx(), input).await.unwrap();
    cloud.settle().await;
    queues.0.lock().clear();
    let glacier =
        Transition { days: Some(1), storage_class: Some(TransitionStorageClass::GlacierIr), ..Default::default() };
    cloud.rules(vec![LifecycleRule { transitions: Some(vec![glacier]), ..expiring(2) }]).await;
    cloud.put("k", vec![7; 200_000]).await;
    cloud.days(1).await;
    let head = HeadObjectInput { bucket: "bucket".into(), key: "k".into(), ..Default::default() };
    let class = cloud.s3.head_object(&cloud.cx(), head).await.unwrap().storage_class.unwrap();
    assert_eq!(class.as_str(), "GLACIER_IR");
    assert_eq!(cloud.get("k", |_| {}).await.unwrap().1.len(), 200_000);
    cloud.days(1).await;
    let told = std::mem::take(&mut *queues.0.lock());
    let names: Vec<_> = told.iter().map(|(queue, body)| (queue.as_str(), &body["Records"][0]["eventName"])).collect();
    assert_eq!(names, [("here-2", &"LifecycleTransition".into()), ("here", &"LifecycleExpiration:Delete".into())]);
    let record = &told[1].1["Records"][0];
    assert_eq!(record["userIdentity"]["principalId"], "s3.amazonaws.com");
    assert_eq!(record["s3"]["object"]["key"], "k");
}
