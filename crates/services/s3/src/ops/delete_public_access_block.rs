//! `DeletePublicAccessBlock`.

use updraft_api_s3::types::{DeletePublicAccessBlockInput, DeletePublicAccessBlockOutput};
use updraft_kernel::{AwsError, Ctx};

use super::configured::delete;
use crate::S3;
use crate::config::Kind;

pub(crate) async fn delete_public_access_block(
    svc: &S3,
    cx: &Ctx,
    input: DeletePublicAccessBlockInput,
) -> Result<DeletePublicAccessBlockOutput, AwsError> {
    delete(svc, cx, (&input.bucket, input.expected_bucket_owner.as_deref()), Kind::PublicAccessBlock).await?;
    Ok(DeletePublicAccessBlockOutput {})
}
