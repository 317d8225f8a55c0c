//! What clients ask of buckets.

use std::collections::BTreeSet;
use std::fmt::Display;

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use updraft_api_s3::S3 as _;
use updraft_api_s3::types::{
    BucketVersioningStatus, CompleteMultipartUploadInput, CompletedMultipartUpload, CompletedPart, CreateBucketInput,
    CreateMultipartUploadInput, DeleteObjectInput, GetObjectInput, ListObjectsV2Input, PutBucketVersioningInput,
    PutObjectInput, UploadPartInput, VersioningConfiguration,
};
use updraft_kernel::AwsError;
use updraft_wire::ByteStream;

use crate::node::Node;

pub(super) const PLAIN: &str = "plain";
pub(super) const VERSIONED: &str = "versioned";
/// What doesn't lie in the store any more.
const BLOB: usize = 40_000;

/// A client of a node.
pub(super) struct Calls<'a> {
    node: &'a Node,
}

/// A body that says its number from its beginning to its end.
fn body(number: u64, large: bool) -> Bytes {
    let text = format!("{number} ");
    text.repeat(if large { BLOB / text.len() } else { 10 }).into()
}

/// The number that a body says.
fn number(body: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(body).ok()?;
    let mut numbers = text.split_whitespace();
    let first = numbers.next()?;
    let whole = body.len() == self::body(first.parse().ok()?, body.len() > 1_000).len();
    (whole && numbers.all(|one| one == first)).then(|| first.parse().ok())?
}

impl<'a> Calls<'a> {
    pub(super) fn by(node: &'a Node) -> Self {
        Self { node }
    }

    pub(super) fn note(&self, what: impl Display) {
        self.node.journal.note(format_args!("{what} on {}", self.node.name));
    }

    pub(super) async fn buckets(&self) -> Result<(), AwsError> {
        for bucket in [PLAIN, VERSIONED] {
            let input = CreateBucketInput { bucket: bucket.into(), ..Default::default() };
            self.node.s3.create_bucket(&self.node.cx(), input).await?;
        }
        let versioning_configuration =
            VersioningConfiguration { status: Some(BucketVersioningStatus::Enabled), ..Default::default() };
        let input =
            PutBucketVersioningInput { bucket: VERSIONED.into(), versioning_configuration, ..Default::default() };
        self.node.s3.put_bucket_versioning(&self.node.cx(), input).await.map(drop)
    }

    /// The version's id, where there are versions.
    pub(super) async fn put(
        &self,
        bucket: &str,
        key: &str,
        (number, large, only_new): (u64, bool, bool),
    ) -> Result<Option<String>, AwsError> {
        let input = PutObjectInput {
            bucket: bucket.into(),
            key: key.into(),
            body: Some(ByteStream::whole(body(number, large))),
            if_none_match: only_new.then(|| "*".to_owned()),
            ..Default::default()
        };
        Ok(self.node.s3.put_object(&self.node.cx(), input).await?.version_id)
    }

    pub(super) async fn put_in_parts(&self, bucket: &str, key: &str, number: u64) -> Result<Option<String>, AwsError> {
        let (s3, cx) = (&self.node.s3, self.node.cx());
        let input = CreateMultipartUploadInput { bucket: bucket.into(), key: key.into(), ..Default::default() };
        let upload = s3.create_multipart_upload(&cx, input).await?.upload_id.unwrap_or_default();
        let input = UploadPartInput {
            bucket: bucket.into(),
            key: key.into(),
            upload_id: upload.clone(),
            part_number: 1,
            body: Some(ByteStream::whole(body(number, true))),
            ..Default::default()
        };
        let part = s3.upload_part(&self.node.cx(), input).await?;
        let part = CompletedPart { part_number: Some(1), e_tag: part.e_tag, ..Default::default() };
        let input = CompleteMultipartUploadInput {
            bucket: bucket.into(),
            key: key.into(),
            upload_id: upload,
            multipart_upload: Some(CompletedMultipartUpload { parts: Some(vec![part]) }),
            ..Default::default()
        };
        Ok(s3.complete_multipart_upload(&self.node.cx(), input).await?.version_id)
    }

    pub(super) async fn delete(&self, bucket: &str, key: &str) -> Result<(), AwsError> {
        let input = DeleteObjectInput { bucket: bucket.into(), key: key.into(), ..Default::default() };
        self.node.s3.delete_object(&self.node.cx(), input).await.map(drop)
    }

    /// The number that it holds; `None`: there is nothing.
    pub(super) async fn get(
        &self,
        bucket: &str,
        key: &str,
        version_id: Option<String>,
    ) -> Result<Option<u64>, AwsError> {
        let input = GetObjectInput { bucket: bucket.into(), key: key.into(), version_id, ..Default::default() };
        let found = match self.node.s3.get_object(&self.node.cx(), input).await {
            Err(error) if error.code().name == "NoSuchKey" => return Ok(None),
            other => other?,
        };
        let mut all = BytesMut::new();
        if let Some(body) = found.body {
            let mut pieces = body.take();
            while let Some(piece) = pieces.next().await {
                all.extend_from_slice(&piece?);
            }
        }
        let told =
            number(&all).ok_or_else(|| AwsError::internal(format!("{bucket}/{key} is torn: {} bytes", all.len())))?;
        Ok(Some(told))
    }

    pub(super) async fn list(&self, bucket: &str) -> Result<BTreeSet<String>, AwsError> {
        let input = ListObjectsV2Input { bucket: bucket.into(), ..Default::default() };
        let listed = self.node.s3.list_objects_v2(&self.node.cx(), input).await?;
        Ok(listed.contents.unwrap_or_default().into_iter().filter_map(|object| object.key).collect())
    }
}
