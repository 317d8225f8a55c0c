//! Reading while somebody else deletes.

use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use updraft_api_s3::S3 as _;
use updraft_api_s3::types::{CompletedPart, DeleteObjectInput, GetObjectInput};
use updraft_blob::Blobs as _;

use crate::support::Cloud;

const FIRST: usize = 5 << 20;

async fn in_parts(cloud: &Cloud) -> Bytes {
    let bodies = [Bytes::from(vec![1; FIRST]), Bytes::from(vec![2; 100_000])];
    let upload = cloud.begin("k").await;
    let mut parts = Vec::new();
    for (number, body) in (1..).zip(bodies.clone()) {
        let part = cloud.part_with((&upload, number), body, |_| {}).await.unwrap();
        parts.push(CompletedPart { e_tag: part.e_tag, part_number: Some(number), ..Default::default() });
    }
    cloud.complete(&upload, parts).await.unwrap();
    bodies.concat().into()
}

async fn delete(cloud: &Cloud) {
    let input = DeleteObjectInput { bucket: "bucket".into(), key: "k".into(), ..Default::default() };
    cloud.s3.delete_object(&cloud.cx(), input).await.unwrap();
}

async fn later(cloud: &Cloud) {
    cloud.world.clock.advance(Duration::from_mins(15));
    cloud.settle().await;
}

#[tokio::test]
async fn who_has_begun_to_read_reads_to_the_end() {
    let cloud = Cloud::new();
    cloud.bucket("bucket").await;
    let empty = cloud.rows().await;
    let whole = in_parts(&cloud).await;
    let input = GetObjectInput { bucket: "bucket".into(), key: "k".into(), ..Default::default() };
    let mut pieces = cloud.s3.get_object(&cloud.cx(), input).await.unwrap().body.unwrap().take();
    let mut read = pieces.next().await.unwrap().unwrap().to_vec();
    delete(&cloud).await;
    assert!(cloud.get("k", |_| {}).await.is_err());
    later(&cloud).await;
    while let Some(piece) = pieces.next().await {
        read.extend_from_slice(&piece.unwrap());
    }
    assert!(read == whole);
    assert_eq!(cloud.blobs().await, 2, "it was read until now");
    drop(pieces);
    later(&cloud).await;
    assert_eq!((cloud.rows().await, cloud.blobs().await), (empty, 0));
}

#[tokio::test]
async fn parts_stay_for_readers_elsewhere_and_go_when_an_object_is_replaced_too() {
    let cloud = Cloud::new();
    cloud.bucket("bucket").await;
    in_parts(&cloud).await;
    cloud.put("k", "other").await;
    cloud.settle().await;
    assert_eq!(cloud.blobs().await, 2);
    later(&cloud).await;
    assert_eq!(cloud.blobs().await, 0);
    assert_eq!(cloud.get("k", |_| {}).await.unwrap().1, "other");
}

/// The layer around operations runs it again, and then it finds what became of the object.
#[tokio::test]
async fn what_was_deleted_since_its_row_was_read_is_looked_for_again() {
    let cloud = Cloud::new();
    cloud.bucket("bucket").await;
    cloud.put("k", vec![1; 100_000]).await;
    let blob = cloud.blobs.list(None, 1).await.unwrap().remove(0).id;
    cloud.blobs.delete(&blob).await.unwrap();
    assert!(cloud.get("k", |_| {}).await.unwrap_err().is_conflict());
}
