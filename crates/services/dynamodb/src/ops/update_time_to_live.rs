use updraft_api_dynamodb::types::{UpdateTimeToLiveInput, UpdateTimeToLiveOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::{no_such_table_named, validation};
use crate::keys::{EXPIRIES, Job, JobKey, Scope, TableKey};
use crate::model::name;
use crate::{DynamoDb, background, expire};

pub(crate) async fn update_time_to_live(
    svc: &DynamoDb,
    cx: &Ctx,
    input: UpdateTimeToLiveInput,
) -> Result<UpdateTimeToLiveOutput, AwsError> {
    let scope = Scope::of(cx);
    let name = name::table_name(cx, &input.table_name)?;
    let asked = input.time_to_live_specification;
    let mut tx = svc.store.write().await?;
    let mut table = tx.row(&TableKey(&scope, &name)).await?.ok_or_else(|| no_such_table_named(&name))?;
    table.ttl = changed(table.ttl.as_deref(), asked.enabled, &asked.attribute_name)?;
    tx.put_row(&TableKey(&scope, &name), &table)?;
    let job = if table.ttl.is_some() { Job::Expiries { table: name.clone() } } else { Job::NoExpiries };
    tx.put_row(&JobKey { scope: scope.clone(), table: table.id, index: EXPIRIES }, &job)?;
    tx.touch(background::topic());
    if table.ttl.is_some() {
        expire::begin(&mut tx, &svc.timers, &scope, &table, cx.now()).await?;
    }
    tx.commit().await?;
    Ok(UpdateTimeToLiveOutput { time_to_live_specification: Some(asked) })
}

/// The attribute that holds each item's expiry from now on.
fn changed(now: Option<&str>, enable: bool, attribute: &str) -> Result<Option<String>, AwsError> {
    match (now, enable) {
        (None, true) => Ok(Some(attribute.to_owned())),
        (Some(now), false) if now == attribute => Ok(None),
        (Some(now), true) if now == attribute => Err(validation("TimeToLive is already enabled")),
        (None, false) => Err(validation("TimeToLive is already disabled")),
        (Some(now), _) => Err(validation(format!(
            "TimeToLive is active on a different AttributeName: current AttributeName is {now}"
        ))),
    }
}
