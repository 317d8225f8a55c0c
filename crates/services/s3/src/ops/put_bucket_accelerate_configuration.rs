//! `PutBucketAccelerateConfiguration`: kept and shown; there is nothing nearer than here.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{PutBucketAccelerateConfigurationInput, PutBucketAccelerateConfigurationOutput};
use updraft_kernel::{AwsError, Ctx};

use super::configured::put;
use crate::S3;
use crate::config::Kind;
use crate::errors::{invalid_request, malformed_xml};

pub(crate) async fn put_bucket_accelerate_configuration(
    svc: &S3,
    cx: &Ctx,
    input: PutBucketAccelerateConfigurationInput,
) -> Result<PutBucketAccelerateConfigurationOutput, AwsError> {
    if input.bucket.contains('.') {
        let message = "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names";
        return Err(invalid_request(message));
    }
    if input.accelerate_configuration.status.is_none() {
        return Err(malformed_xml());
    }
    let whose = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
    let what = (Kind::Accelerate, &shapes::AccelerateConfiguration);
    put(svc, cx, whose, what, input.accelerate_configuration).await?;
    Ok(PutBucketAccelerateConfigurationOutput {})
}
