//! `HeadBucket`: whether it is there, and where.

use updraft_api_s3::types::{HeadBucketInput, HeadBucketOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::{S3, table};

pub(crate) async fn head_bucket(svc: &S3, cx: &Ctx, input: HeadBucketInput) -> Result<HeadBucketOutput, AwsError> {
    let mut tx = svc.parts.store.read().await?;
    let bucket = table::bucket(&mut tx, cx, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
    Ok(HeadBucketOutput {
        bucket_arn: Some(bucket.arn().to_string()),
        bucket_region: Some(bucket.region.to_string()),
        access_point_alias: Some(false),
        ..HeadBucketOutput::default()
    })
}
