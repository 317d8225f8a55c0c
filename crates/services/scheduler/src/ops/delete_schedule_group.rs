//! `DeleteScheduleGroup`: its schedules go with it, in the background, and meanwhile it says that it is going.

use updraft_api_scheduler::types::{DeleteScheduleGroupInput, DeleteScheduleGroupOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::invalid;
use crate::keys::GroupKey;
use crate::model::group::Group;
use crate::model::name::GroupId;
use crate::{Scheduler, background, table};

pub(crate) async fn delete_schedule_group(
    svc: &Scheduler,
    cx: &Ctx,
    input: DeleteScheduleGroupInput,
) -> Result<DeleteScheduleGroupOutput, AwsError> {
    let id = GroupId::of(cx, Some(input.name));
    if id.is_default() {
        return Err(invalid("The default schedule group cannot be deleted."));
    }
    let mut tx = svc.parts.store.write().await?;
    let group = table::group(&mut tx, &id).await?;
    if !group.going {
        tx.put_row(&GroupKey(&id), &Group { going: true, modified: cx.now(), ..group })?;
        background::clear_later(svc, &mut tx, &id).await?;
        tx.commit().await?;
    }
    Ok(DeleteScheduleGroupOutput {})
}
