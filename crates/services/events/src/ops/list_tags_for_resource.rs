//! `ListTagsForResource`: of buses and rules.

use updraft_api_events::types::{ListTagsForResourceInput, ListTagsForResourceOutput, Tag};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::EventBridge;
use crate::tagged::Tagged;

pub(crate) async fn list_tags_for_resource(
    svc: &EventBridge,
    cx: &Ctx,
    input: ListTagsForResourceInput,
) -> Result<ListTagsForResourceOutput, AwsError> {
    let mut tagged = Tagged::find(&mut svc.parts.store.read().await?, cx, &input.resource_arn).await?;
    let tags = std::mem::take(tagged.tags()).into_iter().map(|(key, value)| Tag { key, value }).collect();
    Ok(ListTagsForResourceOutput { tags: Some(tags) })
}
