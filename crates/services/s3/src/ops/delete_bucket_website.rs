//! `DeleteBucketWebsite`.

use updraft_api_s3::types::{DeleteBucketWebsiteInput, DeleteBucketWebsiteOutput};
use updraft_kernel::{AwsError, Ctx};

use super::configured::delete;
use crate::S3;
use crate::config::Kind;

pub(crate) async fn delete_bucket_website(
    svc: &S3,
    cx: &Ctx,
    input: DeleteBucketWebsiteInput,
) -> Result<DeleteBucketWebsiteOutput, AwsError> {
    delete(svc, cx, (&input.bucket, input.expected_bucket_owner.as_deref()), Kind::Website).await?;
    Ok(DeleteBucketWebsiteOutput {})
}
