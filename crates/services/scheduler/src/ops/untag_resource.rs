//! `UntagResource`: of groups.

use updraft_api_scheduler::types::{UntagResourceInput, UntagResourceOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::keys::GroupKey;
use crate::model::name::GroupId;
use crate::{Scheduler, table};

pub(crate) async fn untag_resource(
    svc: &Scheduler,
    cx: &Ctx,
    input: UntagResourceInput,
) -> Result<UntagResourceOutput, AwsError> {
    let id = GroupId::of_arn(cx, &input.resource_arn)?;
    let mut tx = svc.parts.store.write().await?;
    let mut group = table::group(&mut tx, &id).await?;
    group.tags.retain(|key, _| !input.tag_keys.contains(key));
    tx.put_row(&GroupKey(&id), &group)?;
    tx.commit().await?;
    Ok(UntagResourceOutput {})
}
