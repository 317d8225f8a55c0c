//! `UpdateSchedule`: all of it is said anew, and what isn't said is as it is by default.

use updraft_api_scheduler::types::{UpdateScheduleInput, UpdateScheduleOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::keys::ScheduleKey;
use crate::model::name::ScheduleId;
use crate::model::schedule::{Schedule, Settings};
use crate::model::settings::as_if_new;
use crate::model::timing::anchor;
use crate::{Scheduler, background, table};

pub(crate) async fn update_schedule(
    svc: &Scheduler,
    cx: &Ctx,
    input: UpdateScheduleInput,
) -> Result<UpdateScheduleOutput, AwsError> {
    let now = cx.now();
    let id = ScheduleId::of(cx, input.group_name.clone(), input.name.clone());
    let settings = Settings::read(as_if_new(input), now)?;
    let mut tx = svc.parts.store.write().await?;
    table::open_group(&mut tx, &id.group).await?;
    let before = table::schedule(&mut tx, &id).await?;
    let anchor = anchor(&settings, Some(&before), now);
    let schedule = Schedule { modified: now, anchor, settings, ..before };
    tx.put_row(&ScheduleKey(&id), &schedule)?;
    background::plan(svc, &mut tx, &id, &schedule, now).await?;
    tx.commit().await?;
    Ok(UpdateScheduleOutput { schedule_arn: id.arn().to_string() })
}
