//! `ListTagsForResource`: of topics.

use updraft_api_sns::types::{ListTagsForResourceInput, ListTagsForResourceOutput, Tag};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Sns;
use crate::tagged::tagged;

pub(crate) async fn list_tags_for_resource(
    svc: &Sns,
    cx: &Ctx,
    input: ListTagsForResourceInput,
) -> Result<ListTagsForResourceOutput, AwsError> {
    let (_, topic) = tagged(&mut svc.parts.store.read().await?, cx, &input.resource_arn).await?;
    let tags = topic.tags.into_iter().map(|(key, value)| Tag { key, value }).collect();
    Ok(ListTagsForResourceOutput { tags: Some(tags) })
}
