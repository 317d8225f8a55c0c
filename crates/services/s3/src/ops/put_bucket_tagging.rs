//! `PutBucketTagging`: instead of all tags that were there; none at all is as if they were deleted.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{PutBucketTaggingInput, PutBucketTaggingOutput};
use updraft_kernel::{AwsError, Ctx};

use super::configured::{delete, put};
use crate::S3;
use crate::config::Kind;
use crate::errors::malformed_xml;
use crate::model::tags::{self, BUCKET_MOST};

pub(crate) async fn put_bucket_tagging(
    svc: &S3,
    cx: &Ctx,
    input: PutBucketTaggingInput,
) -> Result<PutBucketTaggingOutput, AwsError> {
    let whose = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
    let given = input.tagging.tag_set.as_deref().ok_or_else(malformed_xml)?;
    tags::check(given, BUCKET_MOST)?;
    if given.is_empty() {
        delete(svc, cx, whose, Kind::Tagging).await?;
    } else {
        put(svc, cx, whose, (Kind::Tagging, &shapes::Tagging), input.tagging).await?;
    }
    Ok(PutBucketTaggingOutput {})
}
