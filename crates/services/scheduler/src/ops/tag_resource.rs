//! `TagResource`: of groups.

use updraft_api_scheduler::types::{TagResourceInput, TagResourceOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::keys::GroupKey;
use crate::model::name::GroupId;
use crate::tagged::tags_of;
use crate::{Scheduler, table};

pub(crate) async fn tag_resource(
    svc: &Scheduler,
    cx: &Ctx,
    input: TagResourceInput,
) -> Result<TagResourceOutput, AwsError> {
    let id = GroupId::of_arn(cx, &input.resource_arn)?;
    let mut tx = svc.parts.store.write().await?;
    let mut group = table::group(&mut tx, &id).await?;
    group.tags = tags_of(input.tags, group.tags)?;
    tx.put_row(&GroupKey(&id), &group)?;
    tx.commit().await?;
    Ok(TagResourceOutput {})
}
