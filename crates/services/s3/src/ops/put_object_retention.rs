//! `PutObjectRetention`: until when a version is kept; it may be made stricter, and only governance looser.

use updraft_api_s3::types::{ObjectLockRetention, PutObjectRetentionInput, PutObjectRetentionOutput};
use updraft_kernel::{AwsError, Ctx};

use crate::S3;
use crate::errors::malformed_xml;
use crate::objects::lock::{self, Which};
use crate::objects::row::{Mode, Retention};

pub(crate) async fn put_object_retention(
    svc: &S3,
    cx: &Ctx,
    input: PutObjectRetentionInput,
) -> Result<PutObjectRetentionOutput, AwsError> {
    let to = asked(cx, input.retention.as_ref())?;
    let bypass = input.bypass_governance_retention == Some(true);
    let which = Which {
        bucket: &input.bucket,
        owner: input.expected_bucket_owner.as_deref(),
        key: &input.key,
        version: input.version_id.as_deref(),
        method: "PUT",
    };
    lock::change(svc, cx, which, |lock| lock::retained(lock, to, cx.now(), bypass)).await?;
    Ok(PutObjectRetentionOutput { request_charged: None })
}

/// AWS: an empty one takes the retention away.
fn asked(cx: &Ctx, given: Option<&ObjectLockRetention>) -> Result<Option<Retention>, AwsError> {
    let given = given.ok_or_else(malformed_xml)?;
    match (&given.mode, given.retain_until_date) {
        (None, None) => Ok(None),
        (Some(mode), Some(until)) => {
            let mode = Mode::parse(mode.as_str()).ok_or_else(malformed_xml)?;
            lock::retention(mode, until, cx.now()).map(Some)
        }
        _ => Err(malformed_xml()),
    }
}
