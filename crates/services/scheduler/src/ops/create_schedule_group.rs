//! `CreateScheduleGroup`.

use updraft_api_scheduler::types::{CreateScheduleGroupInput, CreateScheduleGroupOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Scheduler;
use crate::errors::group_exists;
use crate::keys::GroupKey;
use crate::model::group::Group;
use crate::model::name::GroupId;
use crate::tagged::tags_of;

pub(crate) async fn create_schedule_group(
    svc: &Scheduler,
    cx: &Ctx,
    input: CreateScheduleGroupInput,
) -> Result<CreateScheduleGroupOutput, AwsError> {
    let id = GroupId::of(cx, Some(input.name));
    let tags = tags_of(input.tags.unwrap_or_default(), Default::default())?;
    let output = CreateScheduleGroupOutput { schedule_group_arn: id.arn().to_string() };
    let mut tx = svc.parts.store.write().await?;
    let there = tx.row(&GroupKey(&id)).await?;
    if id.is_default() {
        return Err(group_exists(&id.name));
    }
    if let Some(there) = there {
        // The same request again, whose answer was lost.
        let again = input.client_token.is_some() && there.token == input.client_token && there.tags == tags;
        return if again && !there.going { Ok(output) } else { Err(group_exists(&id.name)) };
    }
    tx.put_row(&GroupKey(&id), &Group { token: input.client_token, tags, ..Group::new(cx.now()) })?;
    tx.commit().await?;
    Ok(output)
}
