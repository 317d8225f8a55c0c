//! `PutBucketMetricsConfiguration`: kept, and shown.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{PutBucketMetricsConfigurationInput, PutBucketMetricsConfigurationOutput};
use updraft_kernel::{AwsError, Ctx};

use super::many::{Whose, put};
use crate::S3;
use crate::config::Kind;
use crate::model::listed;

pub(crate) async fn put_bucket_metrics_configuration(
    svc: &S3,
    cx: &Ctx,
    input: PutBucketMetricsConfigurationInput,
) -> Result<PutBucketMetricsConfigurationOutput, AwsError> {
    listed::metrics(&input.id, &input.metrics_configuration)?;
    let whose = Whose { bucket: &input.bucket, owner: input.expected_bucket_owner.as_deref(), id: &input.id };
    put(svc, cx, whose, (Kind::Metrics, &shapes::MetricsConfiguration), input.metrics_configuration).await?;
    Ok(PutBucketMetricsConfigurationOutput {})
}
