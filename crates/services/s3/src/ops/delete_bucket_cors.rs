//! `DeleteBucketCors`.

use updraft_api_s3::types::{DeleteBucketCorsInput, DeleteBucketCorsOutput};
use updraft_kernel::{AwsError, Ctx};

use super::configured::delete;
use crate::S3;
use crate::config::Kind;

pub(crate) async fn delete_bucket_cors(
    svc: &S3,
    cx: &Ctx,
    input: DeleteBucketCorsInput,
) -> Result<DeleteBucketCorsOutput, AwsError> {
    delete(svc, cx, (&input.bucket, input.expected_bucket_owner.as_deref()), Kind::Cors).await?;
    Ok(DeleteBucketCorsOutput {})
}
