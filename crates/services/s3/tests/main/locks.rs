//! Versions that are locked, and deletions under conditions.

use std::time::Duration;

use updraft_api_s3::S3 as _;
use updraft_api_s3::types::{
    CreateBucketInput, DefaultRetention, Delete, DeleteObjectInput, DeleteObjectsInput, HeadObjectInput,
    HeadObjectOutput, ObjectIdentifier, ObjectLockConfiguration, ObjectLockEnabled, ObjectLockLegalHold,
    ObjectLockRetention, ObjectLockRule, PutObjectInput, PutObjectLegalHoldInput, PutObjectLockConfigurationInput,
    PutObjectRetentionInput,
};
use updraft_kernel::{AwsError, UnixMillis};

use crate::support::{Cloud, words};

const HOUR: i64 = 3_600_000;
const LOCKED: &str = "AccessDenied: Access Denied because object protected by object lock.";

async fn cloud() -> Cloud {
    let cloud = Cloud::new();
    let input =
        CreateBucketInput { bucket: "bucket".into(), object_lock_enabled_for_bucket: Some(true), ..Default::default() };
    cloud.s3.create_bucket(&cloud.cx(), input).await.unwrap();
    cloud
}

impl Cloud {
    fn coming(&self, hours: i64) -> UnixMillis {
        UnixMillis(self.cx().now().0 + hours * HOUR)
    }

    fn wait(&self, hours: u64) {
        self.world.clock.advance(Duration::from_hours(hours));
    }

    /// With a checksum, which locks ask for. The version's id.
    async fn put_locked(&self, key: &str, more: impl FnOnce(&mut PutObjectInput)) -> Result<String, AwsError> {
        let put = self.try_put(key, "abc", |input| {
            input.content_md5 = Some("kAFQmDzST7DWlj99KOF/cg==".into());
            more(input);
        });
        Ok(put.await?.version_id.unwrap())
    }

    async fn erase(&self, key: &str, version: &str, bypass: Option<bool>) -> Result<(), AwsError> {
        let input = DeleteObjectInput {
            bucket: "bucket".into(),
            key: key.into(),
            version_id: Some(version.into()),
            bypass_governance_retention: bypass,
            ..Default::default()
        };
        self.s3.delete_object(&self.cx(), input).await.map(drop)
    }

    async fn erase_if(&self, key: &str, tag: &str) -> Result<(), AwsError> {
        let if_match = Some(tag.into());
        let input = DeleteObjectInput { bucket: "bucket".into(), key: key.into(), if_match, ..Default::default() };
        self.s3.delete_object(&self.cx(), input).await.map(drop)
    }

    async fn retain(&self, mode: &str, until: UnixMillis, bypass: bool) -> Result<(), AwsError> {
        let retention =
            ObjectLockRetention { mode: Some(mode.into()), retain_until_date: Some(until), ..Default::default() };
        let input = PutObjectRetentionInput {
            bucket: "bucket".into(),
            key: "k".into(),
            retention: Some(retention),
            bypass_governance_retention: Some(bypass),
            ..Default::default()
        };
        self.s3.put_object_retention(&self.cx(), input).await.map(drop)
    }

    async fn hold(&self, status: &str) {
        let legal_hold = Some(ObjectLockLegalHold { status: Some(status.into()) });
        let input =
            PutObjectLegalHoldInput { bucket: "bucket".into(), key: "k".into(), legal_hold, ..Default::default() };
        self.s3.put_object_legal_hold(&self.cx(), input).await.unwrap();
    }

    async fn head(&self) -> HeadObjectOutput {
        let input = HeadObjectInput { bucket: "bucket".into(), key: "k".into(), ..Default::default() };
        self.s3.head_object(&self.cx(), input).await.unwrap()
    }
}

fn retained(mode: &'static str, until: UnixMillis) -> impl Fn(&mut PutObjectInput) {
    move |input| {
        input.object_lock_mode = Some(mode.into());
        input.object_lock_retain_until_date = Some(until);
    }
}

#[tokio::test]
async fn a_retained_version_is_deleted_when_its_time_is_over() {
    let cloud = cloud().await;
    let version = cloud.put_locked("k", retained("COMPLIANCE", cloud.coming(2))).await.unwrap();
    assert_eq!(words(cloud.erase("k", &version, None).await), LOCKED);
    assert_eq!(words(cloud.erase("k", &version, Some(true)).await), LOCKED);
    cloud.wait(1);
    assert_eq!(
        words(cloud.retain("COMPLIANCE", cloud.coming(0), false).await).split(':').next(),
        Some("InvalidArgument")
    );
    assert_eq!(words(cloud.retain("GOVERNANCE", cloud.coming(9), true).await), LOCKED, "it never gets looser");
    cloud.retain("COMPLIANCE", cloud.coming(2), false).await.unwrap();
    cloud.wait(1);
    assert_eq!(words(cloud.erase("k", &version, None).await), LOCKED, "it was extended");
    cloud.wait(1);
    cloud.erase("k", &version, None).await.unwrap();
    assert!(cloud.get("k", |_| {}).await.is_err());
}

#[tokio::test]
async fn governance_gives_way_to_who_says_so_and_a_hold_to_nobody() {
    let cloud = cloud().await;
    let version = cloud.put_locked("k", retained("GOVERNANCE", cloud.coming(1))).await.unwrap();
    assert_eq!(words(cloud.retain("GOVERNANCE", UnixMillis(cloud.coming(1).0 - 1), false).await), LOCKED);
    cloud.hold("ON").await;
    assert_eq!(words(cloud.erase("k", &version, Some(true)).await), LOCKED);
    let head = cloud.head().await;
    assert_eq!(head.object_lock_legal_hold_status.unwrap().as_str(), "ON");
    assert_eq!(head.object_lock_retain_until_date, Some(cloud.coming(1)));
    cloud.hold("OFF").await;
    assert_eq!(words(cloud.erase("k", &version, None).await), LOCKED);
    cloud.erase("k", &version, Some(true)).await.unwrap();
}

#[tokio::test]
async fn markers_and_new_versions_are_made_over_a_locked_one() {
    let cloud = cloud().await;
    let version = cloud.put_locked("k", retained("COMPLIANCE", cloud.coming(1))).await.unwrap();
    cloud.put("k", "newer").await;
    let input = DeleteObjectInput { bucket: "bucket".into(), key: "k".into(), ..Default::default() };
    assert_eq!(cloud.s3.delete_object(&cloud.cx(), input).await.unwrap().delete_marker, Some(true));
    let (_, body) = cloud.get("k", |input| input.version_id = Some(version.clone())).await.unwrap();
    assert_eq!(body, "abc");
    let objects = vec![ObjectIdentifier { key: "k".into(), version_id: Some(version), ..Default::default() }];
    let delete = Delete { objects, ..Default::default() };
    let input = DeleteObjectsInput { bucket: "bucket".into(), delete, ..Default::default() };
    let refused = cloud.s3.delete_objects(&cloud.cx(), input).await.unwrap().errors.unwrap();
    assert_eq!(refused[0].code.as_deref(), Some("AccessDenied"));
}

#[tokio::test]
async fn a_bucket_retains_what_says_nothing() {
    let cloud = cloud().await;
    let rule = DefaultRetention { mode: Some("GOVERNANCE".into()), days: Some(2), ..Default::default() };
    let configuration = ObjectLockConfiguration {
        object_lock_enabled: Some(ObjectLockEnabled::Enabled),
        rule: Some(ObjectLockRule { default_retention: Some(rule) }),
    };
    let input = PutObjectLockConfigurationInput {
        bucket: "bucket".into(),
        object_lock_configuration: Some(configuration),
        ..Default::default()
    };
    cloud.s3.put_object_lock_configuration(&cloud.cx(), input).await.unwrap();
    let summed = "InvalidRequest: Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with \
                  Object Lock parameters";
    assert_eq!(words(cloud.try_put("k", "abc", |_| {}).await), summed);
    cloud.put_locked("k", |_| {}).await.unwrap();
    assert_eq!(cloud.head().await.object_lock_retain_until_date, Some(cloud.coming(48)));
    cloud.put_locked("k", retained("COMPLIANCE", cloud.coming(1))).await.unwrap();
    assert_eq!(cloud.head().await.object_lock_mode.unwrap().as_str(), "COMPLIANCE");
}

#[tokio::test]
async fn only_buckets_made_for_it_lock() {
    let cloud = Cloud::new();
    cloud.bucket("bucket").await;
    let missing = "InvalidRequest: Bucket is missing Object Lock Configuration";
    assert_eq!(words(cloud.put_locked("k", retained("GOVERNANCE", cloud.coming(1))).await), missing);
    cloud.put("k", "abc").await;
    assert_eq!(words(cloud.retain("GOVERNANCE", cloud.coming(1), false).await), missing);
}

#[tokio::test]
async fn a_deletion_under_a_condition() {
    let cloud = Cloud::new();
    cloud.bucket("bucket").await;
    let failed = "PreconditionFailed: At least one of the pre-conditions you specified did not hold";
    assert_eq!(words(cloud.erase_if("k", "*").await), "NoSuchKey: The specified key does not exist.");
    let tag = cloud.put("k", "abc").await.e_tag.unwrap();
    assert_eq!(words(cloud.erase_if("k", "\"0\"").await), failed);
    let one =
        |key: &str, tag: &str| ObjectIdentifier { key: key.into(), e_tag: Some(tag.into()), ..Default::default() };
    let delete = Delete { objects: vec![one("k", "\"0\""), one("gone", "*")], ..Default::default() };
    let input = DeleteObjectsInput { bucket: "bucket".into(), delete, ..Default::default() };
    let output = cloud.s3.delete_objects(&cloud.cx(), input).await.unwrap();
    let codes: Vec<_> = output.errors.unwrap().into_iter().map(|one| one.code.unwrap()).collect();
    assert_eq!((codes, output.deleted), (vec!["PreconditionFailed".to_owned(), "NoSuchKey".to_owned()], None));
    cloud.erase_if("k", &tag).await.unwrap();
    assert!(cloud.get("k", |_| {}).await.is_err());
    cloud.put("k", "abc").await;
    cloud.erase_if("k", "*").await.unwrap();
}
