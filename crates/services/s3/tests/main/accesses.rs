//! Access logs: what is told of requests becomes objects in another bucket.

use std::time::Duration;

use updraft_access::{Access, AccessPort as _, AccessSignature};
use updraft_api_s3::S3 as _;
use updraft_api_s3::types::{
    BucketLoggingStatus, LoggingEnabled, PartitionDateSource, PartitionedPrefix, PutBucketLoggingInput,
    PutBucketPolicyInput, TargetObjectKeyFormat,
};
use updraft_kernel::{Identity, SignedBy};

use crate::objects::{cloud, keys};
use crate::support::Cloud;

const MINUTES: Duration = Duration::from_mins(5);

impl Cloud {
    async fn logs_to(&self, prefix: &str, format: Option<TargetObjectKeyFormat>) {
        self.bucket("logs").await;
        let enabled = LoggingEnabled {
            target_bucket: "logs".into(),
            target_prefix: prefix.into(),
            target_object_key_format: format,
            ..Default::default()
        };
        let status = BucketLoggingStatus { logging_enabled: Some(enabled) };
        let input =
            PutBucketLoggingInput { bucket: "bucket".into(), bucket_logging_status: status, ..Default::default() };
        self.s3.put_bucket_logging(&self.cx(), input).await.unwrap();
    }

    async fn let_in(&self, source: &str) {
        let policy = format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "s3:PutObject",
                "Principal": {{"Service": "logging.s3.amazonaws.com"}}, "Resource": "arn:aws:s3:::logs/*",
                "Condition": {{"ArnLike": {{"aws:SourceArn": "arn:aws:s3:::{source}"}}}}}}]}}"#
        );
        let input = PutBucketPolicyInput { bucket: "logs".into(), policy: Some(policy), ..Default::default() };
        self.s3.put_bucket_policy(&self.cx(), input).await.unwrap();
    }

    fn asked(&self, request_id: &str) {
        self.s3.over(Access {
            bucket: "bucket".into(),
            key: Some("k".into()),
            request_id: request_id.into(),
            operation: "GetObject",
            method: "GET".into(),
            target: "/bucket/k HTTP/1.1".into(),
            host: Some("localhost".into()),
            referer: None,
            user_agent: None,
            copied_from: None,
            at: self.cx().now(),
            source_ip: None,
            requester: Some(Identity::root(self.cx().account)),
            signed: Some(AccessSignature { version: 4, by: SignedBy::Header }),
            status: 200,
            error: None,
            sent: 1,
            size: Some(1),
            version_id: None,
            took: Duration::ZERO,
            turned: Duration::ZERO,
        });
    }

    async fn delivered(&self) -> Vec<String> {
        self.s3.accesses_written().settle().await;
        self.world.clock.advance(MINUTES);
        self.settle().await;
        let listed = self.list(|input| input.bucket = "logs".into()).await;
        keys(&listed).into_iter().map(str::to_owned).collect()
    }

    async fn text_in_logs(&self, key: &str) -> String {
        let (_, body) = self.get(key, |input| input.bucket = "logs".into()).await.unwrap();
        String::from_utf8(body.to_vec()).unwrap()
    }
}

async fn logging() -> Cloud {
    let cloud = cloud().await;
    cloud.s3.keep_accesses(cloud.tasks());
    cloud
}

#[tokio::test]
async fn what_was_asked_is_delivered_once_in_five_minutes() {
    let cloud = logging().await;
    cloud.logs_to("of/", None).await;
    cloud.let_in("bucket").await;
    cloud.asked("r1");
    cloud.asked("r2");
    let keys = cloud.delivered().await;
    assert_eq!(keys.len(), 1, "{keys:?}");
    let unique = keys[0].strip_prefix("of/2030-01-01-00-05-00-").unwrap();
    assert!(unique.len() == 16 && unique.bytes().all(|digit| digit.is_ascii_digit() || digit.is_ascii_uppercase()));
    let text = cloud.text_in_logs(&keys[0]).await;
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.len() == 2 && lines[0].contains(" r1 REST.GET.OBJECT k ") && lines[1].contains(" r2 "), "{text}");
    assert!(cloud.delivered().await.len() == 1, "nothing was asked since");
    cloud.asked("r3");
    assert_eq!(cloud.delivered().await.len(), 2);
}

#[tokio::test]
async fn who_is_not_let_in_delivers_nothing() {
    let cloud = logging().await;
    cloud.logs_to("of/", None).await;
    cloud.asked("r1");
    assert!(cloud.delivered().await.is_empty(), "no policy");
    cloud.let_in("other").await;
    cloud.asked("r2");
    assert!(cloud.delivered().await.is_empty(), "another source's");
    cloud.let_in("bucket").await;
    cloud.asked("r3");
    let keys = cloud.delivered().await;
    assert!(cloud.text_in_logs(&keys[0]).await.contains(" r3 "), "what was not let in is lost");
}

#[tokio::test]
async fn buckets_without_logging_keep_nothing() {
    let cloud = logging().await;
    let before = cloud.rows().await;
    cloud.asked("r1");
    cloud.s3.accesses_written().settle().await;
    assert_eq!(cloud.rows().await, before);
}

#[tokio::test]
async fn keys_are_parted_by_the_day_of_the_event() {
    let cloud = logging().await;
    let prefix = PartitionedPrefix { partition_date_source: Some(PartitionDateSource::EventTime) };
    let format = TargetObjectKeyFormat { partitioned_prefix: Some(prefix), ..Default::default() };
    cloud.logs_to("", Some(format)).await;
    cloud.let_in("bucket").await;
    cloud.world.clock.advance(Duration::from_hours(24) - Duration::from_secs(1));
    cloud.asked("r1");
    let keys = cloud.delivered().await;
    let expected = "000000000000/us-east-1/bucket/2030/01/01/2030-01-01-00-00-00-";
    assert!(keys.len() == 1 && keys[0].starts_with(expected), "{keys:?}");
}
