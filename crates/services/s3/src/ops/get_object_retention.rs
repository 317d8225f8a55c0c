//! `GetObjectRetention`: until when a version is kept.

use updraft_api_s3::types::{GetObjectRetentionInput, GetObjectRetentionOutput, ObjectLockRetention};
use updraft_kernel::{AwsError, Ctx};

use crate::S3;
use crate::objects::lock::{self, Which, no_lock};

pub(crate) async fn get_object_retention(
    svc: &S3,
    cx: &Ctx,
    input: GetObjectRetentionInput,
) -> Result<GetObjectRetentionOutput, AwsError> {
    let which = Which {
        bucket: &input.bucket,
        owner: input.expected_bucket_owner.as_deref(),
        key: &input.key,
        version: input.version_id.as_deref(),
        method: "GET",
    };
    let kept = lock::of(svc, cx, which).await?.retention.ok_or_else(no_lock)?;
    let retention = ObjectLockRetention {
        mode: Some(kept.mode.name().into()),
        retain_until_date: Some(kept.until),
        ..Default::default()
    };
    Ok(GetObjectRetentionOutput { retention: Some(retention) })
}
