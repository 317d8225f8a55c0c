//! `GetBucketLogging`: says nothing where nothing is logged.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{GetBucketLoggingInput, GetBucketLoggingOutput};
use updraft_kernel::{AwsError, Ctx};

use super::configured::get;
use crate::S3;
use crate::config::Kind;

pub(crate) async fn get_bucket_logging(
    svc: &S3,
    cx: &Ctx,
    input: GetBucketLoggingInput,
) -> Result<GetBucketLoggingOutput, AwsError> {
    let whose = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
    let (_, logging_enabled) = get(svc, cx, whose, (Kind::Logging, &shapes::LoggingEnabled)).await?;
    Ok(GetBucketLoggingOutput { logging_enabled })
}
