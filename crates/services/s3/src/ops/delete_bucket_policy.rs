//! `DeleteBucketPolicy`.

use updraft_api_s3::types::{DeleteBucketPolicyInput, DeleteBucketPolicyOutput};
use updraft_kernel::{AwsError, Ctx};

use super::configured::delete;
use crate::S3;
use crate::config::Kind;

pub(crate) async fn delete_bucket_policy(
    svc: &S3,
    cx: &Ctx,
    input: DeleteBucketPolicyInput,
) -> Result<DeleteBucketPolicyOutput, AwsError> {
    delete(svc, cx, (&input.bucket, input.expected_bucket_owner.as_deref()), Kind::Policy).await?;
    Ok(DeleteBucketPolicyOutput {})
}
