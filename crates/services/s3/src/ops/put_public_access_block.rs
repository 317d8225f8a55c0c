//! `PutPublicAccessBlock`: kept and shown; what is public is decided without it.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{PutPublicAccessBlockInput, PutPublicAccessBlockOutput};
use updraft_kernel::{AwsError, Ctx};

use super::configured::put;
use crate::S3;
use crate::config::Kind;

pub(crate) async fn put_public_access_block(
    svc: &S3,
    cx: &Ctx,
    input: PutPublicAccessBlockInput,
) -> Result<PutPublicAccessBlockOutput, AwsError> {
    let whose = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
    put(
        svc,
        cx,
        whose,
        (Kind::PublicAccessBlock, &shapes::PublicAccessBlockConfiguration),
        input.public_access_block_configuration,
    )
    .await?;
    Ok(PutPublicAccessBlockOutput {})
}
