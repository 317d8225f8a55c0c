//! `DeleteSchedule`. What has occurred already is still carried out.

use updraft_api_scheduler::types::{DeleteScheduleInput, DeleteScheduleOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::keys::ScheduleKey;
use crate::model::name::ScheduleId;
use crate::{Scheduler, background, table};

pub(crate) async fn delete_schedule(
    svc: &Scheduler,
    cx: &Ctx,
    input: DeleteScheduleInput,
) -> Result<DeleteScheduleOutput, AwsError> {
    let id = ScheduleId::of(cx, input.group_name, input.name);
    let mut tx = svc.parts.store.write().await?;
    table::group(&mut tx, &id.group).await?;
    let schedule = table::schedule(&mut tx, &id).await?;
    background::forget(svc, &mut tx, &schedule).await?;
    tx.delete_row(&ScheduleKey(&id));
    tx.commit().await?;
    Ok(DeleteScheduleOutput {})
}
