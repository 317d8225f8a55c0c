//! `PutBucketOwnershipControls`: who owns what others upload, and whether ACLs mean anything.

use updraft_api_s3::types::{PutBucketOwnershipControlsInput, PutBucketOwnershipControlsOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::malformed_xml;
use crate::model::bucket::Ownership;
use crate::{S3, table};

pub(crate) async fn put_bucket_ownership_controls(
    svc: &S3,
    cx: &Ctx,
    input: PutBucketOwnershipControlsInput,
) -> Result<PutBucketOwnershipControlsOutput, AwsError> {
    let [rule] = input.ownership_controls.rules.as_slice() else { return Err(malformed_xml()) };
    let ownership = Ownership::parse(rule.object_ownership.as_str()).ok_or_else(malformed_xml)?;
    let mut tx = svc.parts.store.write().await?;
    let owner = input.expected_bucket_owner.as_deref();
    let mut bucket = table::bucket(&mut tx, cx, &input.bucket, owner).await?;
    bucket.ownership = Some(ownership);
    table::change_bucket(&mut tx, &bucket)?;
    tx.commit().await?;
    Ok(PutBucketOwnershipControlsOutput {})
}
