//! `GetPublicAccessBlock`.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{GetPublicAccessBlockInput, GetPublicAccessBlockOutput, PublicAccessBlockConfiguration};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::Tx;

use super::configured::get;
use crate::config::{self, Kind};
use crate::errors::not_configured;
use crate::model::bucket::Bucket;
use crate::{S3, codes};

pub(crate) async fn get_public_access_block(
    svc: &S3,
    cx: &Ctx,
    input: GetPublicAccessBlockInput,
) -> Result<GetPublicAccessBlockOutput, AwsError> {
    let whose = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
    let (bucket, found) = get::<PublicAccessBlockConfiguration>(
        svc,
        cx,
        whose,
        (Kind::PublicAccessBlock, &shapes::PublicAccessBlockConfiguration),
    )
    .await?;
    let missing = || {
        not_configured(
            &codes::NO_SUCH_PUBLIC_ACCESS_BLOCK,
            "The public access block configuration was not found",
            &bucket.name,
        )
    };
    Ok(GetPublicAccessBlockOutput { public_access_block_configuration: Some(found.ok_or_else(missing)?) })
}

/// What is blocked; where nothing was said, nothing.
///
/// # Errors
/// If the store fails.
pub(crate) async fn block(tx: &mut Tx, bucket: &Bucket) -> Result<PublicAccessBlockConfiguration, AwsError> {
    let what = (Kind::PublicAccessBlock, &shapes::PublicAccessBlockConfiguration);
    Ok(config::get(tx, bucket, what).await?.unwrap_or_default())
}
