//! `ListTagsForResource`: of groups.

use updraft_api_scheduler::types::{ListTagsForResourceInput, ListTagsForResourceOutput, Tag};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::model::name::GroupId;
use crate::{Scheduler, table};

pub(crate) async fn list_tags_for_resource(
    svc: &Scheduler,
    cx: &Ctx,
    input: ListTagsForResourceInput,
) -> Result<ListTagsForResourceOutput, AwsError> {
    let id = GroupId::of_arn(cx, &input.resource_arn)?;
    let group = table::group(&mut svc.parts.store.read().await?, &id).await?;
    let tags = group.tags.into_iter().map(|(key, value)| Tag { key, value }).collect();
    Ok(ListTagsForResourceOutput { tags: Some(tags) })
}
