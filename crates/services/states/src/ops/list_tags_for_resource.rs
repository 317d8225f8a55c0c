//! `ListTagsForResource`: of state machines and activities.

use updraft_api_states::types::{ListTagsForResourceInput, ListTagsForResourceOutput, Tag};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::tags;
use crate::StepFunctions;

pub(crate) async fn list_tags_for_resource(
    svc: &StepFunctions,
    cx: &Ctx,
    input: ListTagsForResourceInput,
) -> Result<ListTagsForResourceOutput, AwsError> {
    let mut tx = svc.parts.store.read().await?;
    let mut tagged = tags::tagged(&mut tx, cx, &input.resource_arn).await?;
    let tag = |(key, value)| Tag { key: Some(key), value: Some(value) };
    Ok(ListTagsForResourceOutput { tags: Some(std::mem::take(tagged.tags()).into_iter().map(tag).collect()) })
}
