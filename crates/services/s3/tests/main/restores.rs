//! What is archived, and how it is read again.

use std::time::Duration;

use updraft_api_s3::S3 as _;
use updraft_api_s3::types::{
    CopyObjectInput, GlacierJobParameters, HeadObjectInput, PutObjectInput, RestoreObjectInput, RestoreRequest,
    StorageClass, Tier,
};
use updraft_kernel::AwsError;

use crate::objects::cloud;
use crate::support::{Cloud, words};

const HOUR: Duration = Duration::from_secs(3600);

fn archived(input: &mut PutObjectInput) {
    input.storage_class = Some(StorageClass::Glacier);
}

impl Cloud {
    async fn restore(&self, key: &str, days: i32, tier: Option<Tier>) -> Result<(), AwsError> {
        let parameters = tier.map(|tier| GlacierJobParameters { tier });
        let request = RestoreRequest { days: Some(days), glacier_job_parameters: parameters, ..Default::default() };
        let input = RestoreObjectInput {
            bucket: "bucket".into(),
            key: key.into(),
            restore_request: Some(request),
            ..Default::default()
        };
        self.s3.restore_object(&self.cx(), input).await.map(drop)
    }

    async fn restored(&self) -> Option<String> {
        let input = HeadObjectInput { bucket: "bucket".into(), key: "k".into(), ..Default::default() };
        self.s3.head_object(&self.cx(), input).await.unwrap().restore
    }
}

#[tokio::test]
async fn what_is_archived_is_read_once_it_is_restored() {
    let cloud = cloud().await;
    cloud.try_put("k", "cold", archived).await.unwrap();
    let refused = cloud.get("k", |_| {}).await;
    assert_eq!(words(refused), "InvalidObjectState: The operation is not valid for the object's storage class");
    let copy = CopyObjectInput {
        bucket: "bucket".into(),
        key: "c".into(),
        copy_source: "bucket/k".into(),
        ..Default::default()
    };
    assert!(cloud.s3.copy_object(&cloud.cx(), copy).await.is_err());
    assert_eq!(cloud.restored().await, None);
    cloud.restore("k", 1, None).await.unwrap();
    assert_eq!(cloud.restored().await.as_deref(), Some("ongoing-request=\"true\""));
    let again = cloud.restore("k", 1, None).await;
    assert_eq!(words(again), "RestoreAlreadyInProgress: Object restore is already in progress");
    cloud.world.clock.advance(5 * HOUR);
    cloud.settle().await;
    let told = "ongoing-request=\"false\", expiry-date=\"Thu, 03 Jan 2030 00:00:00 GMT\"";
    assert_eq!(cloud.restored().await.as_deref(), Some(told));
    assert_eq!(cloud.get("k", |_| {}).await.unwrap().1, "cold");
    cloud.restore("k", 2, None).await.unwrap();
    let longer = "ongoing-request=\"false\", expiry-date=\"Fri, 04 Jan 2030 00:00:00 GMT\"";
    assert_eq!(cloud.restored().await.as_deref(), Some(longer));
    cloud.world.clock.advance(66 * HOUR);
    cloud.settle().await;
    assert_eq!(cloud.restored().await.as_deref(), Some(longer));
    cloud.world.clock.advance(HOUR);
    cloud.settle().await;
    assert_eq!(cloud.restored().await, None);
    assert!(cloud.get("k", |_| {}).await.is_err());
}

#[tokio::test]
async fn only_what_is_archived_is_restored_and_only_so_fast() {
    let cloud = cloud().await;
    cloud.put("warm", "1").await;
    let refused = cloud.restore("warm", 1, None).await;
    assert_eq!(words(refused), "InvalidObjectState: Restore is not allowed for the object's current storage class");
    let deep = |input: &mut PutObjectInput| input.storage_class = Some(StorageClass::DeepArchive);
    cloud.try_put("k", "deep", deep).await.unwrap();
    assert!(cloud.restore("k", 1, Some(Tier::Expedited)).await.is_err());
    assert!(cloud.restore("k", 0, None).await.is_err());
    cloud.restore("k", 1, Some(Tier::Standard)).await.unwrap();
    cloud.world.clock.advance(11 * HOUR);
    assert!(cloud.get("k", |_| {}).await.is_err());
    cloud.world.clock.advance(HOUR);
    assert_eq!(cloud.get("k", |_| {}).await.unwrap().1, "deep");
}
