//! `GetSchedule`.

use updraft_api_scheduler::types::{GetScheduleInput, GetScheduleOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::model::name::ScheduleId;
use crate::{Scheduler, table};

pub(crate) async fn get_schedule(
    svc: &Scheduler,
    cx: &Ctx,
    input: GetScheduleInput,
) -> Result<GetScheduleOutput, AwsError> {
    let id = ScheduleId::of(cx, input.group_name, input.name);
    let mut tx = svc.parts.store.read().await?;
    table::group(&mut tx, &id.group).await?;
    table::schedule(&mut tx, &id).await?.shown(&id)
}
