//! `PutBucketCors`: instead of all rules that were there.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{PutBucketCorsInput, PutBucketCorsOutput};
use updraft_kernel::{AwsError, Ctx};

use super::configured::put;
use crate::S3;
use crate::config::Kind;
use crate::model::cors;

pub(crate) async fn put_bucket_cors(
    svc: &S3,
    cx: &Ctx,
    input: PutBucketCorsInput,
) -> Result<PutBucketCorsOutput, AwsError> {
    let whose = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
    cors::check(&input.cors_configuration)?;
    put(svc, cx, whose, (Kind::Cors, &shapes::CORSConfiguration), input.cors_configuration).await?;
    Ok(PutBucketCorsOutput {})
}
