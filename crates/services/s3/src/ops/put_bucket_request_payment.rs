//! `PutBucketRequestPayment`: kept and shown; nobody pays here.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{PutBucketRequestPaymentInput, PutBucketRequestPaymentOutput};
use updraft_kernel::{AwsError, Ctx};

use super::configured::put;
use crate::S3;
use crate::config::Kind;

pub(crate) async fn put_bucket_request_payment(
    svc: &S3,
    cx: &Ctx,
    input: PutBucketRequestPaymentInput,
) -> Result<PutBucketRequestPaymentOutput, AwsError> {
    let whose = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
    put(
        svc,
        cx,
        whose,
        (Kind::RequestPayment, &shapes::RequestPaymentConfiguration),
        input.request_payment_configuration,
    )
    .await?;
    Ok(PutBucketRequestPaymentOutput {})
}
