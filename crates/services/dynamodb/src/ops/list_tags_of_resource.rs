use updraft_api_dynamodb::types::{ListTagsOfResourceInput, ListTagsOfResourceOutput, Tag};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::shared::tagged;
use crate::DynamoDb;

/// All tags in one page: a table has 50 at most.
pub(crate) async fn list_tags_of_resource(
    svc: &DynamoDb,
    cx: &Ctx,
    input: ListTagsOfResourceInput,
) -> Result<ListTagsOfResourceOutput, AwsError> {
    let mut tx = svc.store.read().await?;
    let table = tagged(&mut tx, cx, &input.resource_arn).await?;
    let tags = table.tags.into_iter().map(|(key, value)| Tag { key, value }).collect();
    Ok(ListTagsOfResourceOutput { tags: Some(tags), next_token: None })
}
