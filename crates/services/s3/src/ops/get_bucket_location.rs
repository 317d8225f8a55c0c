//! `GetBucketLocation`: as it was asked for; nothing where it is `us-east-1`.

use updraft_api_s3::types::{GetBucketLocationInput, GetBucketLocationOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::{S3, table};

pub(crate) async fn get_bucket_location(
    svc: &S3,
    cx: &Ctx,
    input: GetBucketLocationInput,
) -> Result<GetBucketLocationOutput, AwsError> {
    let mut tx = svc.parts.store.read().await?;
    let bucket = table::bucket(&mut tx, cx, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
    Ok(GetBucketLocationOutput { location_constraint: bucket.location.map(Into::into) })
}
