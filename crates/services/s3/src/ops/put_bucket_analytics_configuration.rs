//! `PutBucketAnalyticsConfiguration`: kept, and shown.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{PutBucketAnalyticsConfigurationInput, PutBucketAnalyticsConfigurationOutput};
use updraft_kernel::{AwsError, Ctx};

use super::many::{Whose, put};
use crate::S3;
use crate::config::Kind;
use crate::model::listed;

pub(crate) async fn put_bucket_analytics_configuration(
    svc: &S3,
    cx: &Ctx,
    input: PutBucketAnalyticsConfigurationInput,
) -> Result<PutBucketAnalyticsConfigurationOutput, AwsError> {
    listed::analytics(&input.id, &input.analytics_configuration)?;
    let whose = Whose { bucket: &input.bucket, owner: input.expected_bucket_owner.as_deref(), id: &input.id };
    put(svc, cx, whose, (Kind::Analytics, &shapes::AnalyticsConfiguration), input.analytics_configuration).await?;
    Ok(PutBucketAnalyticsConfigurationOutput {})
}
