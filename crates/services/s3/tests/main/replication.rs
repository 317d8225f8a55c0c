//! Versions that go to other buckets, too.

use updraft_api_s3::S3 as _;
use updraft_api_s3::types::{
    BucketVersioningStatus, DeleteMarkerReplication, DeleteMarkerReplicationStatus, DeleteObjectInput, Destination,
    GetObjectInput, GetObjectTaggingInput, HeadObjectInput, HeadObjectOutput, ListObjectVersionsInput,
    PutBucketReplicationInput, PutBucketVersioningInput, PutObjectInput, PutObjectTaggingInput,
    ReplicationConfiguration, ReplicationRule, ReplicationRuleFilter, ReplicationRuleStatus, StorageClass, Tag,
    Tagging, VersioningConfiguration,
};
use updraft_kernel::AwsError;
use updraft_wire::ByteStream;

use crate::objects::{cloud, content};
use crate::support::Cloud;

fn rule(to: &str, prefix: &str, priority: i32) -> ReplicationRule {
    let asked = DeleteMarkerReplication { status: Some(DeleteMarkerReplicationStatus::Enabled) };
    ReplicationRule {
        status: ReplicationRuleStatus::Enabled,
        priority: Some(priority),
        filter: Some(ReplicationRuleFilter { prefix: Some(prefix.into()), ..Default::default() }),
        destination: Destination { bucket: format!("arn:aws:s3:::{to}"), ..Default::default() },
        delete_marker_replication: Some(asked),
        ..Default::default()
    }
}

impl Cloud {
    async fn versioned(&self, name: &str) {
        self.bucket(name).await;
        self.enable(name).await;
    }

    async fn enable(&self, name: &str) {
        let versioning_configuration =
            VersioningConfiguration { status: Some(BucketVersioningStatus::Enabled), ..Default::default() };
        let input = PutBucketVersioningInput { bucket: name.into(), versioning_configuration, ..Default::default() };
        self.s3.put_bucket_versioning(&self.cx(), input).await.unwrap();
    }

    async fn replicate(&self, from: &str, rules: Vec<ReplicationRule>) {
        let role = "arn:aws:iam::000000000000:role/replicator".to_owned();
        let input = PutBucketReplicationInput {
            bucket: from.into(),
            replication_configuration: ReplicationConfiguration { role, rules },
            ..Default::default()
        };
        self.s3.put_bucket_replication(&self.cx(), input).await.unwrap();
    }

    async fn head_in(&self, bucket: &str, key: &str, version: Option<&str>) -> Result<HeadObjectOutput, AwsError> {
        let version_id = version.map(str::to_owned);
        let input = HeadObjectInput { bucket: bucket.into(), key: key.into(), version_id, ..Default::default() };
        self.s3.head_object(&self.cx(), input).await
    }

    async fn read_in(&self, bucket: &str, key: &str) -> bytes::Bytes {
        let input = GetObjectInput { bucket: bucket.into(), key: key.into(), ..Default::default() };
        let output = self.s3.get_object(&self.cx(), input).await.unwrap();
        content(output.body.as_ref().unwrap()).await
    }

    async fn ids(&self, bucket: &str) -> Vec<String> {
        let input = ListObjectVersionsInput { bucket: bucket.into(), ..Default::default() };
        let output = self.s3.list_object_versions(&self.cx(), input).await.unwrap();
        let versions = output.versions.unwrap_or_default().into_iter().map(|one| one.version_id.unwrap());
        let markers = output.delete_markers.unwrap_or_default().into_iter().map(|one| one.version_id.unwrap());
        versions.chain(markers).collect()
    }
}

async fn two() -> Cloud {
    let cloud = cloud().await;
    cloud.enable("bucket").await;
    cloud.versioned("copy").await;
    cloud
}

fn status(output: &HeadObjectOutput) -> &str {
    output.replication_status.as_ref().map(|status| status.as_str()).unwrap_or_default()
}

#[tokio::test]
async fn versions_go_to_another_bucket_with_their_ids() {
    let cloud = two().await;
    cloud.put("docs/before", "0").await;
    let cold = Destination { storage_class: Some(StorageClass::StandardIa), ..rule("copy", "docs/", 1).destination };
    cloud.replicate("bucket", vec![ReplicationRule { destination: cold, ..rule("copy", "docs/", 1) }]).await;
    let first = cloud.put("docs/a", "1").await;
    let seen = cloud.head_in("bucket", "docs/a", None).await.unwrap();
    assert_eq!(status(&seen), "PENDING");
    let large = vec![7; 100_000];
    let more = |input: &mut PutObjectInput| input.metadata = Some([("m".to_owned(), "n".to_owned())].into());
    cloud.try_put("docs/a", large.clone(), more).await.unwrap();
    cloud.put("other", "2").await;
    cloud.settle().await;
    assert_eq!(status(&cloud.head_in("bucket", "docs/a", None).await.unwrap()), "COMPLETED");
    let replica = cloud.head_in("copy", "docs/a", None).await.unwrap();
    assert_eq!(status(&replica), "REPLICA");
    assert_eq!(replica.storage_class.unwrap().as_str(), "STANDARD_IA");
    assert_eq!(replica.metadata.unwrap()["m"], "n");
    assert_eq!(cloud.read_in("copy", "docs/a").await, large);
    assert!(cloud.head_in("copy", "docs/a", first.version_id.as_deref()).await.is_ok());
    assert_eq!(cloud.ids("copy").await.len(), 2, "what was there before, and what no rule is for, isn't copied");
    let input = DeleteObjectInput { bucket: "bucket".into(), key: "docs/a".into(), ..Default::default() };
    let marker = cloud.s3.delete_object(&cloud.cx(), input).await.unwrap().version_id.unwrap();
    cloud.settle().await;
    assert!(cloud.head_in("copy", "docs/a", None).await.is_err());
    assert!(cloud.ids("copy").await.contains(&marker));
    let input = DeleteObjectInput {
        bucket: "bucket".into(),
        key: "docs/a".into(),
        version_id: first.version_id,
        ..Default::default()
    };
    cloud.s3.delete_object(&cloud.cx(), input).await.unwrap();
    cloud.settle().await;
    assert_eq!(cloud.ids("copy").await.len(), 3, "what is deleted for good stays in the copy");
}

#[tokio::test]
async fn tags_follow_and_replicas_go_nowhere() {
    let cloud = two().await;
    cloud.replicate("bucket", vec![rule("copy", "", 1)]).await;
    cloud.replicate("copy", vec![rule("bucket", "", 1)]).await;
    cloud.put("k", "1").await;
    cloud.settle().await;
    let tagging = Tagging { tag_set: Some(vec![Tag { key: "a".into(), value: "b".into() }]) };
    let input = PutObjectTaggingInput { bucket: "bucket".into(), key: "k".into(), tagging, ..Default::default() };
    cloud.s3.put_object_tagging(&cloud.cx(), input).await.unwrap();
    cloud.settle().await;
    let input = GetObjectTaggingInput { bucket: "copy".into(), key: "k".into(), ..Default::default() };
    let tags = cloud.s3.get_object_tagging(&cloud.cx(), input).await.unwrap().tag_set;
    assert_eq!(tags, [Tag { key: "a".into(), value: "b".into() }]);
    assert_eq!((cloud.ids("bucket").await.len(), cloud.ids("copy").await.len()), (1, 1));
}

#[tokio::test]
async fn a_replica_finds_a_place_beside_what_is_there() {
    let cloud = two().await;
    cloud.replicate("bucket", vec![rule("copy", "", 1)]).await;
    let put = |bucket: &str| PutObjectInput {
        bucket: bucket.into(),
        key: "k".into(),
        body: Some(ByteStream::whole(bucket.as_bytes().to_vec().into())),
        ..Default::default()
    };
    let own = cloud.s3.put_object(&cloud.cx(), put("copy")).await.unwrap().version_id.unwrap();
    let id = cloud.s3.put_object(&cloud.cx(), put("bucket")).await.unwrap().version_id.unwrap();
    cloud.settle().await;
    assert_eq!(cloud.read_in("copy", "k").await, "bucket");
    assert_eq!(cloud.ids("copy").await, [id.as_str(), own.as_str()]);
    assert_eq!(status(&cloud.head_in("copy", "k", Some(&id)).await.unwrap()), "REPLICA");
    assert_eq!(status(&cloud.head_in("copy", "k", Some(&own)).await.unwrap()), "");
    let input = ListObjectVersionsInput {
        bucket: "copy".into(),
        key_marker: Some("k".into()),
        version_id_marker: Some(id.clone()),
        ..Default::default()
    };
    let behind = cloud.s3.list_object_versions(&cloud.cx(), input).await.unwrap().versions.unwrap();
    assert_eq!(behind.len(), 1);
    let input =
        DeleteObjectInput { bucket: "copy".into(), key: "k".into(), version_id: Some(id), ..Default::default() };
    cloud.s3.delete_object(&cloud.cx(), input).await.unwrap();
    assert_eq!(cloud.ids("copy").await, [own]);
}

#[tokio::test]
async fn what_can_not_go_says_so() {
    let cloud = two().await;
    cloud.replicate("bucket", vec![rule("copy", "", 1)]).await;
    let versioning_configuration =
        VersioningConfiguration { status: Some(BucketVersioningStatus::Suspended), ..Default::default() };
    let input = PutBucketVersioningInput { bucket: "copy".into(), versioning_configuration, ..Default::default() };
    cloud.s3.put_bucket_versioning(&cloud.cx(), input).await.unwrap();
    cloud.put("k", "1").await;
    cloud.settle().await;
    assert_eq!(status(&cloud.head_in("bucket", "k", None).await.unwrap()), "FAILED");
    assert!(cloud.ids("copy").await.is_empty());
}
