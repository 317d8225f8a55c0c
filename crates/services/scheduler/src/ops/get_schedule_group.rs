//! `GetScheduleGroup`.

use updraft_api_scheduler::types::{GetScheduleGroupInput, GetScheduleGroupOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::model::name::GroupId;
use crate::{Scheduler, table};

pub(crate) async fn get_schedule_group(
    svc: &Scheduler,
    cx: &Ctx,
    input: GetScheduleGroupInput,
) -> Result<GetScheduleGroupOutput, AwsError> {
    let id = GroupId::of(cx, Some(input.name));
    let group = table::group(&mut svc.parts.store.read().await?, &id).await?;
    Ok(GetScheduleGroupOutput {
        arn: Some(id.arn().to_string()),
        name: Some(id.name),
        state: Some(group.state()),
        creation_date: Some(group.created),
        last_modification_date: Some(group.modified),
    })
}
