//! Objects: put, read, listed, copied and deleted, with and without versions.

use bytes::Bytes;
use futures_util::StreamExt as _;
use updraft_api_s3::S3 as _;
use updraft_api_s3::types::{
    BucketVersioningStatus, CopyObjectInput, Delete, DeleteObjectInput, DeleteObjectsInput, GetObjectInput,
    GetObjectOutput, HeadObjectInput, ListObjectVersionsInput, ListObjectsV2Input, ListObjectsV2Output,
    ObjectIdentifier, PutBucketVersioningInput, PutObjectInput, PutObjectOutput, VersioningConfiguration,
};
use updraft_kernel::AwsError;
use updraft_wire::ByteStream;

use crate::support::{Cloud, words};

const LARGE: usize = 100_000;

impl Cloud {
    pub(crate) async fn put(&self, key: &str, body: impl Into<Bytes>) -> PutObjectOutput {
        self.try_put(key, body, |_| {}).await.unwrap()
    }

    pub(crate) async fn try_put(
        &self,
        key: &str,
        body: impl Into<Bytes>,
        more: impl FnOnce(&mut PutObjectInput),
    ) -> Result<PutObjectOutput, AwsError> {
        let body = Some(ByteStream::whole(body.into()));
        let mut input = PutObjectInput { bucket: "bucket".into(), key: key.into(), body, ..Default::default() };
        more(&mut input);
        self.s3.put_object(&self.cx(), input).await
    }

    pub(crate) async fn get(
        &self,
        key: &str,
        more: impl FnOnce(&mut GetObjectInput),
    ) -> Result<(GetObjectOutput, Bytes), AwsError> {
        let mut input = GetObjectInput { bucket: "bucket".into(), key: key.into(), ..Default::default() };
        more(&mut input);
        let output = self.s3.get_object(&self.cx(), input).await?;
        let body = content(output.body.as_ref().unwrap()).await;
        Ok((output, body))
    }

    pub(crate) async fn delete(&self, key: &str, version: Option<String>) -> (Option<bool>, Option<String>) {
        let input =
            DeleteObjectInput { bucket: "bucket".into(), key: key.into(), version_id: version, ..Default::default() };
        let output = self.s3.delete_object(&self.cx(), input).await.unwrap();
        (output.delete_marker, output.version_id)
    }

    pub(crate) async fn list(&self, more: impl FnOnce(&mut ListObjectsV2Input)) -> ListObjectsV2Output {
        let mut input = ListObjectsV2Input { bucket: "bucket".into(), ..Default::default() };
        more(&mut input);
        self.s3.list_objects_v2(&self.cx(), input).await.unwrap()
    }

    pub(crate) async fn version(&self, status: BucketVersioningStatus) {
        let configuration = VersioningConfiguration { status: Some(status), ..Default::default() };
        let input = PutBucketVersioningInput {
            bucket: "bucket".into(),
            versioning_configuration: configuration,
            ..Default::default()
        };
        self.s3.put_bucket_versioning(&self.cx(), input).await.unwrap();
    }

    /// Each version as key, whether it is a marker, and whether it is the latest.
    pub(crate) async fn versions(&self) -> Vec<(String, bool, bool)> {
        let input = ListObjectVersionsInput { bucket: "bucket".into(), ..Default::default() };
        let output = self.s3.list_object_versions(&self.cx(), input).await.unwrap();
        let versions = output.versions.unwrap_or_default().into_iter();
        let versions = versions.map(|one| (one.key.unwrap(), false, one.is_latest.unwrap()));
        let markers = output.delete_markers.unwrap_or_default().into_iter();
        versions.chain(markers.map(|one| (one.key.unwrap(), true, one.is_latest.unwrap()))).collect()
    }
}

pub(crate) async fn content(body: &ByteStream) -> Bytes {
    let pieces: Vec<_> = body.take().collect().await;
    pieces.into_iter().flat_map(|piece| piece.unwrap()).collect()
}

pub(crate) fn keys(output: &ListObjectsV2Output) -> Vec<&str> {
    let objects = output.contents.as_deref().unwrap_or_default();
    objects.iter().map(|object| object.key.as_deref().unwrap()).collect()
}

fn prefixes(output: &ListObjectsV2Output) -> Vec<&str> {
    let common = output.common_prefixes.as_deref().unwrap_or_default();
    common.iter().map(|prefix| prefix.prefix.as_deref().unwrap()).collect()
}

pub(crate) async fn cloud() -> Cloud {
    let cloud = Cloud::new();
    cloud.bucket("bucket").await;
    cloud
}

#[tokio::test]
async fn small_and_large_objects_are_read_as_they_were_put_and_leave_nothing() {
    let cloud = cloud().await;
    let empty = cloud.rows().await;
    for size in [0, 1, 16 << 10, (16 << 10) + 1, LARGE] {
        let bytes: Bytes = (0..size).map(|at| u8::try_from(at % 251).unwrap()).collect();
        cloud.put("k", bytes.clone()).await;
        let (output, body) = cloud.get("k", |_| {}).await.unwrap();
        assert_eq!(body, bytes);
        assert_eq!(output.content_length, Some(i64::try_from(size).unwrap()));
        assert_eq!(output.version_id, None);
        assert_eq!(cloud.blobs().await, usize::from(size > 16 << 10), "{size}");
        cloud.put("k", "other").await;
        assert_eq!(cloud.blobs().await, 0, "the blob that was replaced is gone");
        cloud.put("k", bytes).await;
        assert_eq!(cloud.delete("k", None).await, (None, None));
        assert_eq!((cloud.rows().await, cloud.blobs().await), (empty, 0), "{size}");
    }
}

#[tokio::test]
async fn what_is_not_what_it_was_said_to_be_is_not_kept() {
    let cloud = cloud().await;
    let large = Bytes::from(vec![7; LARGE]);
    let wrong_sum = cloud.try_put("k", large.clone(), |input| input.checksum_crc32 = Some("AAAAAA==".into())).await;
    assert_eq!(words(wrong_sum), "BadDigest: The CRC32 you specified did not match the calculated checksum.");
    let wrong_md5 =
        cloud.try_put("k", large.clone(), |input| input.content_md5 = Some("kAFQmDzST7DWlj99KOF/cg==".into())).await;
    assert_eq!(words(wrong_md5), "BadDigest: The Content-MD5 you specified did not match what we received.");
    let short = ByteStream::new(Some(9), ByteStream::whole(large.clone()).take());
    let short = cloud.try_put("k", "", |input| input.body = Some(short)).await;
    assert!(words(short).starts_with("IncompleteBody"));
    let two = cloud
        .try_put("k", large, |input| {
            input.checksum_crc32 = Some("AAAAAA==".into());
            input.checksum_sha1 = Some("AAAAAA==".into());
        })
        .await;
    assert!(words(two).starts_with("InvalidRequest: Expecting a single x-amz-checksum- header."));
    assert_eq!((cloud.blobs().await, cloud.list(|_| {}).await.key_count), (0, Some(0)));
}

#[tokio::test]
async fn ranges_are_parts_of_the_bytes() {
    let cloud = cloud().await;
    for body in [Bytes::from_static(b"0123456789"), Bytes::from("0123456789".repeat(10_000))] {
        let size = body.len();
        cloud.put("k", body.clone()).await;
        let (output, part) = cloud.get("k", |input| input.range = Some("bytes=2-4".into())).await.unwrap();
        assert_eq!((part.as_ref(), output.content_length), (&b"234"[..], Some(3)));
        assert_eq!(output.content_range, Some(format!("bytes 2-4/{size}")));
        let (_, last) = cloud.get("k", |input| input.range = Some("bytes=-1".into())).await.unwrap();
        assert_eq!(last, "9");
        let behind = cloud.get("k", |input| input.range = Some(format!("bytes={size}-"))).await;
        assert!(words(behind).starts_with("InvalidRange"));
    }
}

#[tokio::test]
async fn conditions_on_reading_and_writing() {
    let cloud = cloud().await;
    let absent = cloud.try_put("k", "a", |input| input.if_match = Some("\"x\"".into())).await;
    assert!(words(absent).starts_with("NoSuchKey"));
    let etag = cloud.try_put("k", "a", |input| input.if_none_match = Some("*".into())).await.unwrap().e_tag.unwrap();
    let there = cloud.try_put("k", "b", |input| input.if_none_match = Some("*".into())).await;
    assert!(words(there).starts_with("PreconditionFailed"));
    let other = cloud.try_put("k", "b", |input| input.if_match = Some("\"x\"".into())).await;
    assert!(words(other).starts_with("PreconditionFailed"));
    cloud.try_put("k", "b", |input| input.if_match = Some(etag.clone())).await.unwrap();
    let stale = cloud.get("k", |input| input.if_match = Some(etag.clone())).await;
    assert!(words(stale).starts_with("PreconditionFailed"));
    let (now, _) = cloud.get("k", |input| input.if_none_match = Some(etag)).await.unwrap();
    let same = cloud.get("k", |input| input.if_none_match = now.e_tag).await;
    assert!(words(same).starts_with("NotModified"));
}

#[tokio::test]
async fn keys_are_listed_in_pages_and_folders() {
    let cloud = cloud().await;
    for key in ["b/2", "a", "b/1", "b/c/3", "b", "é", "c/", "b/1x", "z"] {
        cloud.put(key, "").await;
    }
    let all = cloud.list(|_| {}).await;
    assert_eq!(keys(&all), ["a", "b", "b/1", "b/1x", "b/2", "b/c/3", "c/", "z", "é"]);
    let folders = cloud.list(|input| input.delimiter = Some("/".into())).await;
    assert_eq!((keys(&folders), prefixes(&folders)), (vec!["a", "b", "z", "é"], vec!["b/", "c/"]));
    let within = cloud
        .list(|input| {
            input.prefix = Some("b/".into());
            input.delimiter = Some("/".into());
        })
        .await;
    assert_eq!((keys(&within), prefixes(&within)), (vec!["b/1", "b/1x", "b/2"], vec!["b/c/"]));
    let (mut token, mut seen) = (None, Vec::new());
    loop {
        let page = cloud
            .list(|input| {
                input.delimiter = Some("/".into());
                input.max_keys = Some(1);
                input.continuation_token = token;
            })
            .await;
        assert_eq!(page.key_count, Some(1));
        seen.extend(keys(&page).iter().chain(&prefixes(&page)).map(|text| (*text).to_owned()));
        token = page.next_continuation_token;
        if token.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["a", "b", "b/", "c/", "z", "é"]);
    let after = cloud.list(|input| input.start_after = Some("b/1".into())).await;
    assert_eq!(keys(&after), ["b/1x", "b/2", "b/c/3", "c/", "z", "é"]);
    assert_eq!(cloud.list(|input| input.max_keys = Some(0)).await.is_truncated, Some(false));
}

#[tokio::test]
async fn pages_of_many_keys_fit_together() {
    let cloud = cloud().await;
    let names: Vec<String> = (0..1203).map(|number| format!("d{}/k{number:05}", number % 7)).collect();
    for name in &names {
        cloud.put(name, "").await;
    }
    let folders = cloud.list(|input| input.delimiter = Some("/".into())).await;
    assert_eq!(prefixes(&folders), ["d0/", "d1/", "d2/", "d3/", "d4/", "d5/", "d6/"]);
    let first = cloud.list(|_| {}).await;
    assert_eq!((first.key_count, first.is_truncated), (Some(1000), Some(true)));
    let second = cloud.list(|input| input.continuation_token = first.next_continuation_token.clone()).await;
    let mut sorted = names;
    sorted.sort();
    assert_eq!(keys(&first).into_iter().chain(keys(&second)).collect::<Vec<_>>(), sorted);
    assert_eq!(second.is_truncated, Some(false));
}

#[tokio::test]
async fn versions_stay_until_they_are_deleted_by_id() {
    let cloud = cloud().await;
    cloud.put("k", "null").await;
    cloud.version(BucketVersioningStatus::Enabled).await;
    let one = cloud.put("k", "one").await.version_id.unwrap();
    let (marker, id) = cloud.delete("k", None).await;
    assert_eq!(marker, Some(true));
    assert!(words(cloud.get("k", |_| {}).await).starts_with("NoSuchKey"));
    assert!(keys(&cloud.list(|_| {}).await).is_empty());
    let by_marker = cloud.get("k", |input| input.version_id = id.clone()).await;
    assert!(words(by_marker).starts_with("MethodNotAllowed"));
    assert_eq!(cloud.get("k", |input| input.version_id = Some(one.clone())).await.unwrap().1, "one");
    assert_eq!(cloud.get("k", |input| input.version_id = Some("null".into())).await.unwrap().1, "null");
    let k = || "k".to_owned();
    assert_eq!(cloud.versions().await, [(k(), false, false), (k(), false, false), (k(), true, true)]);
    assert_eq!(cloud.delete("k", id.clone()).await, (Some(true), id));
    assert_eq!(cloud.get("k", |_| {}).await.unwrap().1, "one");
    assert_eq!(cloud.delete("k", Some(one.clone())).await, (None, Some(one.clone())));
    assert_eq!(cloud.get("k", |_| {}).await.unwrap().1, "null");
    let gone = cloud.get("k", |input| input.version_id = Some(one)).await;
    assert!(words(gone).starts_with("NoSuchVersion"));
    let no_id = cloud.get("k", |input| input.version_id = Some("x".into())).await;
    assert_eq!(words(no_id), "InvalidArgument: Invalid version id specified");
}

#[tokio::test]
async fn a_suspended_bucket_has_one_version_without_an_id() {
    let cloud = cloud().await;
    cloud.version(BucketVersioningStatus::Enabled).await;
    let kept = cloud.put("k", "kept").await.version_id.unwrap();
    cloud.version(BucketVersioningStatus::Suspended).await;
    for body in ["a", "b"] {
        assert_eq!(cloud.put("k", body).await.version_id.as_deref(), Some("null"));
    }
    assert_eq!(cloud.versions().await.len(), 2);
    assert_eq!(cloud.delete("k", None).await, (Some(true), Some("null".into())));
    let k = || "k".to_owned();
    assert_eq!(cloud.versions().await, [(k(), false, false), (k(), true, true)]);
    assert_eq!(cloud.get("k", |input| input.version_id = Some(kept)).await.unwrap().1, "kept");
}

#[tokio::test]
async fn a_key_with_many_versions_does_not_hide_the_next() {
    let cloud = cloud().await;
    cloud.version(BucketVersioningStatus::Enabled).await;
    for number in 0..100 {
        cloud.put("a", number.to_string()).await;
    }
    cloud.put("b", "").await;
    assert_eq!(keys(&cloud.list(|_| {}).await), ["a", "b"]);
    assert_eq!(cloud.get("a", |_| {}).await.unwrap().1, "99");
}

#[tokio::test]
async fn copies_are_objects_of_their_own() {
    let cloud = cloud().await;
    let large = Bytes::from(vec![3; LARGE]);
    let about = |input: &mut PutObjectInput| {
        input.content_type = Some("text/x".into());
        input.metadata = Some([("a".to_owned(), "b".to_owned())].into());
        input.tagging = Some("t=1".into());
    };
    cloud.try_put("from", large.clone(), about).await.unwrap();
    let copy = |key: &str| CopyObjectInput {
        bucket: "bucket".into(),
        copy_source: "bucket/from".into(),
        key: key.into(),
        ..Default::default()
    };
    cloud.s3.copy_object(&cloud.cx(), copy("to")).await.unwrap();
    let itself = cloud.s3.copy_object(&cloud.cx(), copy("from")).await;
    assert!(words(itself).starts_with("InvalidRequest: This copy request is illegal"));
    cloud.delete("from", None).await;
    let (output, body) = cloud.get("to", |_| {}).await.unwrap();
    assert_eq!((body, output.content_type.as_deref(), output.tag_count), (large, Some("text/x"), Some(1)));
    assert_eq!(output.metadata.unwrap()["a"], "b");
}

#[tokio::test]
async fn many_are_deleted_at_once() {
    let cloud = cloud().await;
    for key in ["a", "b"] {
        cloud.put(key, vec![1; LARGE]).await;
    }
    let object = |key: &str| ObjectIdentifier { key: key.into(), ..Default::default() };
    let objects = ["a", "b", "absent"].map(object).into();
    let input = DeleteObjectsInput {
        bucket: "bucket".into(),
        delete: Delete { objects, ..Default::default() },
        ..Default::default()
    };
    let output = cloud.s3.delete_objects(&cloud.cx(), input).await.unwrap();
    assert_eq!((output.deleted.unwrap().len(), output.errors), (3, None));
    assert_eq!(cloud.blobs().await, 0);
}

#[tokio::test]
async fn a_head_says_what_a_get_would() {
    let cloud = cloud().await;
    cloud.put("k", "abc").await;
    let input = HeadObjectInput { bucket: "bucket".into(), key: "k".into(), ..Default::default() };
    let head = cloud.s3.head_object(&cloud.cx(), input).await.unwrap();
    let (get, _) = cloud.get("k", |_| {}).await.unwrap();
    assert_eq!(
        (head.content_length, head.e_tag, head.last_modified),
        (get.content_length, get.e_tag, get.last_modified)
    );
    assert_eq!(head.content_type.as_deref(), Some("binary/octet-stream"));
}

#[tokio::test]
async fn nobody_elses_bucket_is_written_or_read() {
    let cloud = cloud().await;
    cloud.put("k", "abc").await;
    let other = cloud.cx_of("111111111111");
    let get = GetObjectInput { bucket: "bucket".into(), key: "k".into(), ..Default::default() };
    assert_eq!(words(cloud.s3.get_object(&other, get).await), "AccessDenied: Access Denied");
    let put = PutObjectInput { bucket: "bucket".into(), key: "k".into(), ..Default::default() };
    assert_eq!(words(cloud.s3.put_object(&other, put).await), "AccessDenied: Access Denied");
}
