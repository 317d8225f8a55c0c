//! `GetObjectLegalHold`: whether a version is kept until somebody says otherwise.

use updraft_api_s3::types::{GetObjectLegalHoldInput, GetObjectLegalHoldOutput, ObjectLockLegalHold};
use updraft_kernel::{AwsError, Ctx};

use crate::S3;
use crate::objects::lock::{self, Which, no_lock};

pub(crate) async fn get_object_legal_hold(
    svc: &S3,
    cx: &Ctx,
    input: GetObjectLegalHoldInput,
) -> Result<GetObjectLegalHoldOutput, AwsError> {
    let which = Which {
        bucket: &input.bucket,
        owner: input.expected_bucket_owner.as_deref(),
        key: &input.key,
        version: input.version_id.as_deref(),
        method: "GET",
    };
    let hold = lock::of(svc, cx, which).await?.hold.ok_or_else(no_lock)?;
    let legal_hold = Some(ObjectLockLegalHold { status: Some(lock::status(hold).into()) });
    Ok(GetObjectLegalHoldOutput { legal_hold })
}
