//! Uploads in parts: completed in any order of arrival, listed, aborted, and read back by ranges and parts.

use std::time::Duration;

use bytes::Bytes;
use updraft_api_s3::S3 as _;
use updraft_api_s3::types::{
    AbortMultipartUploadInput, CompleteMultipartUploadInput, CompleteMultipartUploadOutput, CompletedMultipartUpload,
    CompletedPart, CreateMultipartUploadInput, ListMultipartUploadsInput, ListPartsInput, UploadPartCopyInput,
    UploadPartInput, UploadPartOutput,
};
use updraft_kernel::AwsError;
use updraft_wire::ByteStream;

use crate::support::{Cloud, words};

const SMALLEST: usize = 5 << 20;

impl Cloud {
    pub(crate) async fn begin_with(&self, key: &str, more: impl FnOnce(&mut CreateMultipartUploadInput)) -> String {
        let mut input = CreateMultipartUploadInput { bucket: "bucket".into(), key: key.into(), ..Default::default() };
        more(&mut input);
        self.s3.create_multipart_upload(&self.cx(), input).await.unwrap().upload_id.unwrap()
    }

    pub(crate) async fn begin(&self, key: &str) -> String {
        self.begin_with(key, |_| {}).await
    }

    async fn part(&self, id: &str, number: i32, body: Bytes) -> Result<CompletedPart, AwsError> {
        let output = self.part_with((id, number), body, |_| {}).await?;
        Ok(CompletedPart { e_tag: output.e_tag, part_number: Some(number), ..Default::default() })
    }

    pub(crate) async fn part_with(
        &self,
        (id, number): (&str, i32),
        body: impl Into<Bytes>,
        more: impl FnOnce(&mut UploadPartInput),
    ) -> Result<UploadPartOutput, AwsError> {
        let mut input = UploadPartInput {
            bucket: "bucket".into(),
            key: "k".into(),
            upload_id: id.into(),
            part_number: number,
            body: Some(ByteStream::whole(body.into())),
            ..Default::default()
        };
        more(&mut input);
        self.s3.upload_part(&self.cx(), input).await
    }

    pub(crate) async fn complete(
        &self,
        id: &str,
        parts: Vec<CompletedPart>,
    ) -> Result<CompleteMultipartUploadOutput, AwsError> {
        let input = CompleteMultipartUploadInput {
            bucket: "bucket".into(),
            key: "k".into(),
            upload_id: id.into(),
            multipart_upload: Some(CompletedMultipartUpload { parts: Some(parts) }),
            ..Default::default()
        };
        self.s3.complete_multipart_upload(&self.cx(), input).await
    }
}

fn bytes(size: usize, seed: usize) -> Bytes {
    (0..size).map(|at| u8::try_from((at + seed) % 251).unwrap()).collect()
}

async fn cloud() -> Cloud {
    let cloud = Cloud::new();
    cloud.bucket("bucket").await;
    cloud
}

#[tokio::test]
async fn parts_that_came_in_any_order_are_one_object() {
    let cloud = cloud().await;
    let empty = cloud.rows().await;
    let id = cloud.begin("k").await;
    let bodies = [bytes(SMALLEST, 1), bytes(SMALLEST, 2), bytes(10, 3)];
    let third = cloud.part(&id, 3, bodies[2].clone()).await.unwrap();
    let first = cloud.part(&id, 1, bodies[0].clone()).await.unwrap();
    cloud.part(&id, 2, bytes(7, 9)).await.unwrap();
    let second = cloud.part(&id, 2, bodies[1].clone()).await.unwrap();
    cloud.part(&id, 9, bytes(7, 9)).await.unwrap();
    assert_eq!(cloud.blobs().await, 4, "the part that was uploaded again is gone");
    let done = cloud.complete(&id, vec![first.clone(), second, third]).await.unwrap();
    assert!(done.e_tag.unwrap().ends_with("-3\""));
    assert_eq!(cloud.blobs().await, 3, "the part that wasn't listed is gone");
    let whole: Bytes = bodies.concat().into();
    let (_, body) = cloud.get("k", |_| {}).await.unwrap();
    assert_eq!(body, whole);
    for (from, to) in [(0, 0), (SMALLEST - 3, SMALLEST + 3), (SMALLEST, 2 * SMALLEST + 9), (2 * SMALLEST, 2 * SMALLEST)]
    {
        let (_, body) = cloud.get("k", |input| input.range = Some(format!("bytes={from}-{to}"))).await.unwrap();
        assert_eq!(body, whole.slice(from..=to), "{from}-{to}");
    }
    let (part, body) = cloud.get("k", |input| input.part_number = Some(2)).await.unwrap();
    assert_eq!((body, part.parts_count), (bodies[1].clone(), Some(3)));
    let beyond = cloud.get("k", |input| input.part_number = Some(4)).await;
    assert!(words(beyond).starts_with("InvalidPartNumber"));
    // Told twice, as a client does whose answer was lost.
    assert!(cloud.complete(&id, vec![first]).await.is_ok());
    cloud.put("k", "").await;
    assert!(words(cloud.complete(&id, vec![CompletedPart::default()]).await).starts_with("NoSuchUpload"));
    cloud.world.clock.advance(Duration::from_mins(15));
    cloud.settle().await;
    assert_eq!((cloud.rows().await, cloud.blobs().await), (empty + 1, 0));
}

#[tokio::test]
async fn what_is_completed_must_be_what_was_uploaded() {
    let cloud = cloud().await;
    let id = cloud.begin("k").await;
    let first = cloud.part(&id, 1, bytes(10, 1)).await.unwrap();
    let second = cloud.part(&id, 2, bytes(10, 2)).await.unwrap();
    let refused = async |parts| words(cloud.complete(&id, parts).await);
    assert!(refused(vec![]).await.starts_with("InvalidRequest: You must specify at least one part"));
    assert!(refused(vec![second.clone(), first.clone()]).await.starts_with("InvalidPartOrder"));
    assert!(refused(vec![first.clone(), second.clone()]).await.starts_with("EntityTooSmall"));
    let other = CompletedPart { e_tag: second.e_tag.clone(), ..first.clone() };
    assert!(refused(vec![other]).await.starts_with("InvalidPart:"));
    let absent = CompletedPart { part_number: Some(3), ..first };
    assert!(refused(vec![absent]).await.starts_with("InvalidPart:"));
    assert!(words(cloud.part(&id, 0, Bytes::new()).await).starts_with("InvalidArgument"));
    assert!(words(cloud.part(&id, 10_001, Bytes::new()).await).starts_with("InvalidArgument"));
    assert!(cloud.complete(&id, vec![second]).await.is_ok());
}

#[tokio::test]
async fn an_aborted_upload_leaves_nothing() {
    let cloud = cloud().await;
    let empty = cloud.rows().await;
    let id = cloud.begin("k").await;
    cloud.part(&id, 1, bytes(10, 1)).await.unwrap();
    let abort = || AbortMultipartUploadInput {
        bucket: "bucket".into(),
        key: "k".into(),
        upload_id: id.clone(),
        ..Default::default()
    };
    cloud.s3.abort_multipart_upload(&cloud.cx(), abort()).await.unwrap();
    assert_eq!((cloud.rows().await, cloud.blobs().await), (empty, 0));
    assert!(words(cloud.s3.abort_multipart_upload(&cloud.cx(), abort()).await).starts_with("NoSuchUpload"));
    assert!(words(cloud.part(&id, 1, bytes(10, 1)).await).starts_with("NoSuchUpload"));
    assert_eq!(cloud.blobs().await, 0);
}

#[tokio::test]
async fn uploads_and_their_parts_are_listed() {
    let cloud = cloud().await;
    let ids = [cloud.begin("k").await, cloud.begin("f/a").await, cloud.begin("f/b").await];
    for number in [2, 1, 3] {
        cloud.part(&ids[0], number, bytes(number as usize, 1)).await.unwrap();
    }
    let parts = async |marker, most| {
        let input = ListPartsInput {
            bucket: "bucket".into(),
            key: "k".into(),
            upload_id: ids[0].clone(),
            part_number_marker: marker,
            max_parts: most,
            ..Default::default()
        };
        let output = cloud.s3.list_parts(&cloud.cx(), input).await.unwrap();
        let sizes: Vec<_> = output.parts.unwrap_or_default().iter().map(|part| part.size.unwrap()).collect();
        (sizes, output.is_truncated.unwrap())
    };
    assert_eq!(parts(None, None).await, (vec![1, 2, 3], false));
    assert_eq!(parts(None, Some(2)).await, (vec![1, 2], true));
    assert_eq!(parts(Some(2), Some(2)).await, (vec![3], false));
    let input =
        ListMultipartUploadsInput { bucket: "bucket".into(), delimiter: Some("/".into()), ..Default::default() };
    let output = cloud.s3.list_multipart_uploads(&cloud.cx(), input).await.unwrap();
    let keys: Vec<_> = output.uploads.unwrap().into_iter().map(|one| one.key.unwrap()).collect();
    assert_eq!((keys, output.common_prefixes.unwrap().len()), (vec!["k".to_owned()], 1));
}

#[tokio::test]
async fn a_part_may_be_a_piece_of_an_object() {
    let cloud = cloud().await;
    cloud.put("from", "0123456789").await;
    let id = cloud.begin("k").await;
    let copy = async |range: &str| {
        let input = UploadPartCopyInput {
            bucket: "bucket".into(),
            key: "k".into(),
            upload_id: id.clone(),
            part_number: 1,
            copy_source: "bucket/from".into(),
            copy_source_range: Some(range.into()),
            ..Default::default()
        };
        cloud.s3.upload_part_copy(&cloud.cx(), input).await
    };
    assert!(words(copy("bytes=2-10").await).starts_with("InvalidArgument: Range specified is not valid"));
    assert!(words(copy("bytes=2-").await).starts_with("InvalidArgument: The x-amz-copy-source-range value"));
    let e_tag = copy("bytes=2-4").await.unwrap().copy_part_result.unwrap().e_tag;
    cloud.complete(&id, vec![CompletedPart { e_tag, part_number: Some(1), ..Default::default() }]).await.unwrap();
    assert_eq!(cloud.get("k", |_| {}).await.unwrap().1, "234");
}
