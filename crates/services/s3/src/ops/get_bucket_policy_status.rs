//! `GetBucketPolicyStatus`: whether the policy lets everybody in.

use updraft_api_s3::types::{GetBucketPolicyStatusInput, GetBucketPolicyStatusOutput, PolicyStatus};
use updraft_kernel::{AwsError, Ctx};
use updraft_policy::Policy;
use updraft_store::StoreExt;

use super::get_bucket_policy::policy;
use crate::model::policy::is_public;
use crate::{S3, table};

pub(crate) async fn get_bucket_policy_status(
    svc: &S3,
    cx: &Ctx,
    input: GetBucketPolicyStatusInput,
) -> Result<GetBucketPolicyStatusOutput, AwsError> {
    let mut tx = svc.parts.store.read().await?;
    let bucket = table::bucket(&mut tx, cx, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
    let policy = Policy::parse(&policy(&mut tx, &bucket).await?);
    let policy_status = Some(PolicyStatus { is_public: Some(policy.is_ok_and(|policy| is_public(&policy))) });
    Ok(GetBucketPolicyStatusOutput { policy_status })
}
