//! `GetBucketAccelerateConfiguration`: says nothing where nothing was said.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{
    AccelerateConfiguration, GetBucketAccelerateConfigurationInput, GetBucketAccelerateConfigurationOutput,
};
use updraft_kernel::{AwsError, Ctx};

use super::configured::get;
use crate::S3;
use crate::config::Kind;

pub(crate) async fn get_bucket_accelerate_configuration(
    svc: &S3,
    cx: &Ctx,
    input: GetBucketAccelerateConfigurationInput,
) -> Result<GetBucketAccelerateConfigurationOutput, AwsError> {
    let whose = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
    let what = (Kind::Accelerate, &shapes::AccelerateConfiguration);
    let (_, found) = get::<AccelerateConfiguration>(svc, cx, whose, what).await?;
    let status = found.and_then(|found| found.status);
    Ok(GetBucketAccelerateConfigurationOutput { status, request_charged: None })
}
