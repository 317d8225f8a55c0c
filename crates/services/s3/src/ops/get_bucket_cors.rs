//! `GetBucketCors`.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{CORSConfiguration, GetBucketCorsInput, GetBucketCorsOutput};
use updraft_kernel::{AwsError, Ctx};

use super::configured::get;
use crate::config::Kind;
use crate::errors::not_configured;
use crate::{S3, codes};

pub(crate) async fn get_bucket_cors(
    svc: &S3,
    cx: &Ctx,
    input: GetBucketCorsInput,
) -> Result<GetBucketCorsOutput, AwsError> {
    let whose = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
    let (bucket, found) = get::<CORSConfiguration>(svc, cx, whose, (Kind::Cors, &shapes::CORSConfiguration)).await?;
    let missing =
        || not_configured(&codes::NO_SUCH_CORS_CONFIGURATION, "The CORS configuration does not exist", &bucket.name);
    Ok(GetBucketCorsOutput { cors_rules: Some(found.ok_or_else(missing)?.cors_rules) })
}
