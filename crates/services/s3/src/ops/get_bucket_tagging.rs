//! `GetBucketTagging`.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{GetBucketTaggingInput, GetBucketTaggingOutput, Tagging};
use updraft_kernel::{AwsError, Ctx};

use super::configured::get;
use crate::config::Kind;
use crate::errors::not_configured;
use crate::{S3, codes};

pub(crate) async fn get_bucket_tagging(
    svc: &S3,
    cx: &Ctx,
    input: GetBucketTaggingInput,
) -> Result<GetBucketTaggingOutput, AwsError> {
    let whose = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
    let (bucket, found) = get::<Tagging>(svc, cx, whose, (Kind::Tagging, &shapes::Tagging)).await?;
    let missing = || not_configured(&codes::NO_SUCH_TAG_SET, "The TagSet does not exist", &bucket.name);
    Ok(GetBucketTaggingOutput { tag_set: found.ok_or_else(missing)?.tag_set.unwrap_or_default() })
}
