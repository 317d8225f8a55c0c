//! `PutObjectLegalHold`: keeps a version until somebody says otherwise.

use updraft_api_s3::types::{PutObjectLegalHoldInput, PutObjectLegalHoldOutput};
use updraft_kernel::{AwsError, Ctx};

use crate::S3;
use crate::errors::malformed_xml;
use crate::objects::lock::{self, Which};
use crate::objects::row::Lock;

pub(crate) async fn put_object_legal_hold(
    svc: &S3,
    cx: &Ctx,
    input: PutObjectLegalHoldInput,
) -> Result<PutObjectLegalHoldOutput, AwsError> {
    let status = input.legal_hold.and_then(|hold| hold.status).ok_or_else(malformed_xml)?;
    let hold = lock::held(status.as_str()).ok_or_else(malformed_xml)?;
    let which = Which {
        bucket: &input.bucket,
        owner: input.expected_bucket_owner.as_deref(),
        key: &input.key,
        version: input.version_id.as_deref(),
        method: "PUT",
    };
    lock::change(svc, cx, which, |lock| Ok(Lock { hold: Some(hold), ..lock })).await?;
    Ok(PutObjectLegalHoldOutput { request_charged: None })
}
