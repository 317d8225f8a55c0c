//! `DeleteBucketTagging`.

use updraft_api_s3::types::{DeleteBucketTaggingInput, DeleteBucketTaggingOutput};
use updraft_kernel::{AwsError, Ctx};

use super::configured::delete;
use crate::S3;
use crate::config::Kind;

pub(crate) async fn delete_bucket_tagging(
    svc: &S3,
    cx: &Ctx,
    input: DeleteBucketTaggingInput,
) -> Result<DeleteBucketTaggingOutput, AwsError> {
    delete(svc, cx, (&input.bucket, input.expected_bucket_owner.as_deref()), Kind::Tagging).await?;
    Ok(DeleteBucketTaggingOutput {})
}
