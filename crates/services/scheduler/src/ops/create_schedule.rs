//! `CreateSchedule`.

use updraft_api_scheduler::types::{CreateScheduleInput, CreateScheduleOutput};
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::StoreExt;

use crate::errors::schedule_exists;
use crate::keys::ScheduleKey;
use crate::model::name::ScheduleId;
use crate::model::schedule::{Schedule, Settings};
use crate::model::timing::anchor;
use crate::{Scheduler, background, table};

pub(crate) async fn create_schedule(
    svc: &Scheduler,
    cx: &Ctx,
    mut input: CreateScheduleInput,
) -> Result<CreateScheduleOutput, AwsError> {
    let (now, token) = (cx.now(), input.client_token.take());
    let id = ScheduleId::of(cx, input.group_name.take(), input.name.clone());
    let settings = Settings::read(input, now)?;
    let output = CreateScheduleOutput { schedule_arn: id.arn().to_string() };
    let mut tx = svc.parts.store.write().await?;
    table::open_group(&mut tx, &id.group).await?;
    if let Some(there) = tx.row(&ScheduleKey(&id)).await? {
        // The same request again, whose answer was lost.
        let again = token.is_some() && there.token == token && there.settings == settings;
        return if again { Ok(output) } else { Err(schedule_exists(&id.name)) };
    }
    let anchor = anchor(&settings, None, now);
    let schedule = Schedule { number: cx.rng.u64(), created: now, modified: now, anchor, token, settings };
    tx.put_row(&ScheduleKey(&id), &schedule)?;
    background::plan(svc, &mut tx, &id, &schedule, now).await?;
    tx.commit().await?;
    Ok(output)
}
