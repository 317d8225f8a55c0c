//! `DeleteBucketOwnershipControls`: it makes no difference whether there are any.

use updraft_api_s3::types::{DeleteBucketOwnershipControlsInput, DeleteBucketOwnershipControlsOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::{S3, table};

pub(crate) async fn delete_bucket_ownership_controls(
    svc: &S3,
    cx: &Ctx,
    input: DeleteBucketOwnershipControlsInput,
) -> Result<DeleteBucketOwnershipControlsOutput, AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let owner = input.expected_bucket_owner.as_deref();
    let mut bucket = table::bucket(&mut tx, cx, &input.bucket, owner).await?;
    bucket.ownership = None;
    table::change_bucket(&mut tx, &bucket)?;
    tx.commit().await?;
    Ok(DeleteBucketOwnershipControlsOutput {})
}
