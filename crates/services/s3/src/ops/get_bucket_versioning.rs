//! `GetBucketVersioning`: says nothing of a bucket that never was versioned.

use updraft_api_s3::types::{BucketVersioningStatus, GetBucketVersioningInput, GetBucketVersioningOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::model::bucket::Versioning;
use crate::{S3, table};

pub(crate) async fn get_bucket_versioning(
    svc: &S3,
    cx: &Ctx,
    input: GetBucketVersioningInput,
) -> Result<GetBucketVersioningOutput, AwsError> {
    let mut tx = svc.parts.store.read().await?;
    let bucket = table::bucket(&mut tx, cx, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
    let status = match bucket.versioning {
        Versioning::Never => None,
        Versioning::Enabled => Some(BucketVersioningStatus::Enabled),
        Versioning::Suspended => Some(BucketVersioningStatus::Suspended),
    };
    Ok(GetBucketVersioningOutput { status, mfa_delete: None })
}
