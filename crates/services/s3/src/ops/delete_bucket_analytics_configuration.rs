//! `DeleteBucketAnalyticsConfiguration`.

use updraft_api_s3::types::{DeleteBucketAnalyticsConfigurationInput, DeleteBucketAnalyticsConfigurationOutput};
use updraft_kernel::{AwsError, Ctx};

use super::many::{Whose, delete};
use crate::S3;
use crate::config::Kind;

pub(crate) async fn delete_bucket_analytics_configuration(
    svc: &S3,
    cx: &Ctx,
    input: DeleteBucketAnalyticsConfigurationInput,
) -> Result<DeleteBucketAnalyticsConfigurationOutput, AwsError> {
    let whose = Whose { bucket: &input.bucket, owner: input.expected_bucket_owner.as_deref(), id: &input.id };
    delete(svc, cx, whose, Kind::Analytics).await?;
    Ok(DeleteBucketAnalyticsConfigurationOutput {})
}
