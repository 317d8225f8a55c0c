//! `ListBucketInventoryConfigurations`: by their ids.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{ListBucketInventoryConfigurationsInput, ListBucketInventoryConfigurationsOutput};
use updraft_kernel::{AwsError, Ctx};

use super::many::list;
use crate::S3;
use crate::config::Kind;

pub(crate) async fn list_bucket_inventory_configurations(
    svc: &S3,
    cx: &Ctx,
    input: ListBucketInventoryConfigurationsInput,
) -> Result<ListBucketInventoryConfigurationsOutput, AwsError> {
    let whose = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
    let what = (Kind::Inventory, &shapes::InventoryConfiguration);
    let page = list(svc, cx, whose, what, input.continuation_token.as_deref()).await?;
    Ok(ListBucketInventoryConfigurationsOutput {
        continuation_token: input.continuation_token,
        is_truncated: Some(page.next.is_some()),
        next_continuation_token: page.next,
        inventory_configuration_list: (!page.found.is_empty()).then_some(page.found),
    })
}
