//! `DeleteBucketReplication`.

use updraft_api_s3::types::{DeleteBucketReplicationInput, DeleteBucketReplicationOutput};
use updraft_kernel::{AwsError, Ctx};

use super::configured::delete;
use crate::S3;
use crate::config::Kind;

pub(crate) async fn delete_bucket_replication(
    svc: &S3,
    cx: &Ctx,
    input: DeleteBucketReplicationInput,
) -> Result<DeleteBucketReplicationOutput, AwsError> {
    delete(svc, cx, (&input.bucket, input.expected_bucket_owner.as_deref()), Kind::Replication).await?;
    Ok(DeleteBucketReplicationOutput {})
}
