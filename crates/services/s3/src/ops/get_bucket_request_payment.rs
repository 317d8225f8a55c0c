//! `GetBucketRequestPayment`: the owner, where nothing else was said.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{
    GetBucketRequestPaymentInput, GetBucketRequestPaymentOutput, Payer, RequestPaymentConfiguration,
};
use updraft_kernel::{AwsError, Ctx};

use super::configured::get;
use crate::S3;
use crate::config::Kind;

pub(crate) async fn get_bucket_request_payment(
    svc: &S3,
    cx: &Ctx,
    input: GetBucketRequestPaymentInput,
) -> Result<GetBucketRequestPaymentOutput, AwsError> {
    let whose = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
    let what = (Kind::RequestPayment, &shapes::RequestPaymentConfiguration);
    let (_, found) = get::<RequestPaymentConfiguration>(svc, cx, whose, what).await?;
    let payer = found.map_or(Payer::BucketOwner, |found| found.payer);
    Ok(GetBucketRequestPaymentOutput { payer: Some(payer) })
}
