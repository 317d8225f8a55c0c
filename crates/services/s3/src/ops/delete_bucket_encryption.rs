//! `DeleteBucketEncryption`: from then on the bucket encrypts as all do that nobody asked for anything else.

use updraft_api_s3::types::{DeleteBucketEncryptionInput, DeleteBucketEncryptionOutput};
use updraft_kernel::{AwsError, Ctx};

use super::configured::delete;
use crate::S3;
use crate::config::Kind;

pub(crate) async fn delete_bucket_encryption(
    svc: &S3,
    cx: &Ctx,
    input: DeleteBucketEncryptionInput,
) -> Result<DeleteBucketEncryptionOutput, AwsError> {
    delete(svc, cx, (&input.bucket, input.expected_bucket_owner.as_deref()), Kind::Encryption).await?;
    Ok(DeleteBucketEncryptionOutput {})
}
