//! `GetBucketPolicy`: as it came.

use updraft_api_s3::types::{GetBucketPolicyInput, GetBucketPolicyOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{StoreExt, Tx};

use crate::config::{self, Kind};
use crate::errors::not_configured;
use crate::model::bucket::Bucket;
use crate::{S3, codes, table};

pub(crate) async fn get_bucket_policy(
    svc: &S3,
    cx: &Ctx,
    input: GetBucketPolicyInput,
) -> Result<GetBucketPolicyOutput, AwsError> {
    let mut tx = svc.parts.store.read().await?;
    let bucket = table::bucket(&mut tx, cx, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
    Ok(GetBucketPolicyOutput { policy: Some(policy(&mut tx, &bucket).await?) })
}

/// # Errors
/// If the bucket has none.
pub(super) async fn policy(tx: &mut Tx, bucket: &Bucket) -> Result<String, AwsError> {
    let missing = || {
        let message = "The bucket policy does not exist";
        not_configured(&codes::NO_SUCH_BUCKET_POLICY, message, &bucket.name)
    };
    config::get_text(tx, bucket, Kind::Policy, "").await?.ok_or_else(missing)
}
