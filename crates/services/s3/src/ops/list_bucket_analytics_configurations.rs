//! `ListBucketAnalyticsConfigurations`: by their ids.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{ListBucketAnalyticsConfigurationsInput, ListBucketAnalyticsConfigurationsOutput};
use updraft_kernel::{AwsError, Ctx};

use super::many::list;
use crate::S3;
use crate::config::Kind;

pub(crate) async fn list_bucket_analytics_configurations(
    svc: &S3,
    cx: &Ctx,
    input: ListBucketAnalyticsConfigurationsInput,
) -> Result<ListBucketAnalyticsConfigurationsOutput, AwsError> {
    let whose = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
    let what = (Kind::Analytics, &shapes::AnalyticsConfiguration);
    let page = list(svc, cx, whose, what, input.continuation_token.as_deref()).await?;
    Ok(ListBucketAnalyticsConfigurationsOutput {
        continuation_token: input.continuation_token,
        is_truncated: Some(page.next.is_some()),
        next_continuation_token: page.next,
        analytics_configuration_list: (!page.found.is_empty()).then_some(page.found),
    })
}
