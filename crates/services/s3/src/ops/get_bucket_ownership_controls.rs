//! `GetBucketOwnershipControls`: a bucket has them from the beginning, until they are deleted.

use updraft_api_s3::types::{
    GetBucketOwnershipControlsInput, GetBucketOwnershipControlsOutput, OwnershipControls, OwnershipControlsRule,
};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::not_configured;
use crate::{S3, codes, table};

pub(crate) async fn get_bucket_ownership_controls(
    svc: &S3,
    cx: &Ctx,
    input: GetBucketOwnershipControlsInput,
) -> Result<GetBucketOwnershipControlsOutput, AwsError> {
    let mut tx = svc.parts.store.read().await?;
    let bucket = table::bucket(&mut tx, cx, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
    let missing = || {
        let message = "The bucket ownership controls were not found";
        not_configured(&codes::OWNERSHIP_CONTROLS_NOT_FOUND, message, &bucket.name)
    };
    let object_ownership = bucket.ownership.ok_or_else(missing)?.as_str().into();
    let controls = OwnershipControls { rules: vec![OwnershipControlsRule { object_ownership }] };
    Ok(GetBucketOwnershipControlsOutput { ownership_controls: Some(controls) })
}
