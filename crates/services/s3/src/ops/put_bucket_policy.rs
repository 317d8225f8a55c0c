//! `PutBucketPolicy`: kept as it came, unless it lets everybody in where that is blocked.

use updraft_api_s3::types::{PutBucketPolicyInput, PutBucketPolicyOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::config::{self, Kind};
use crate::errors::access_denied;
use crate::model::policy;
use crate::ops::get_public_access_block::block;
use crate::{S3, table};

pub(crate) async fn put_bucket_policy(
    svc: &S3,
    cx: &Ctx,
    input: PutBucketPolicyInput,
) -> Result<PutBucketPolicyOutput, AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let owner = input.expected_bucket_owner.as_deref();
    let mut bucket = table::bucket(&mut tx, cx, &input.bucket, owner).await?;
    let text = input.policy.unwrap_or_default();
    let policy = policy::check(&text, &bucket.name)?;
    if policy::is_public(&policy) && block(&mut tx, &bucket).await?.block_public_policy == Some(true) {
        return Err(access_denied());
    }
    config::put_text(&mut tx, &mut bucket, (Kind::Policy, ""), text)?;
    tx.commit().await?;
    Ok(PutBucketPolicyOutput {})
}
