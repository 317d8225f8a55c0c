//! `DeleteBucketLifecycle`.

use updraft_api_s3::types::{DeleteBucketLifecycleInput, DeleteBucketLifecycleOutput};
use updraft_kernel::{AwsError, Ctx};

use super::configured::delete;
use crate::S3;
use crate::config::Kind;

pub(crate) async fn delete_bucket_lifecycle(
    svc: &S3,
    cx: &Ctx,
    input: DeleteBucketLifecycleInput,
) -> Result<DeleteBucketLifecycleOutput, AwsError> {
    delete(svc, cx, (&input.bucket, input.expected_bucket_owner.as_deref()), Kind::Lifecycle).await?;
    Ok(DeleteBucketLifecycleOutput {})
}
