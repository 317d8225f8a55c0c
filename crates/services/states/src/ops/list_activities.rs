//! `ListActivities`: by name.

use updraft_api_states::types::{ActivityListItem, ListActivitiesInput, ListActivitiesOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{Key, ScanOptions, StoreExt};

use crate::StepFunctions;
use crate::keys::{ActivityKey, machine_name};
use crate::model::name::ActivityId;
use crate::model::paging::{limit, read_token, token};

pub(crate) async fn list_activities(
    svc: &StepFunctions,
    cx: &Ctx,
    input: ListActivitiesInput,
) -> Result<ListActivitiesOutput, AwsError> {
    let mut range = ActivityKey::all(&cx.account, &cx.region);
    if let Some(given) = input.next_token {
        range = range.after(&ActivityKey(&ActivityId::of(cx, &read_token(&given)?)?).encode());
    }
    let mut tx = svc.parts.store.read().await?;
    let page = tx.rows::<ActivityKey<'_>>(range, ScanOptions::limit(limit(input.max_results))).await?;
    let (mut activities, mut last) = (Vec::with_capacity(page.rows.len()), String::new());
    for (key, activity) in &page.rows {
        last = machine_name(key)?;
        let id = ActivityId::of(cx, &last)?;
        let (activity_arn, creation_date) = (id.arn().to_string(), activity.created);
        activities.push(ActivityListItem { activity_arn, name: id.name, creation_date });
    }
    let next_token = page.more.then(|| token(&last));
    Ok(ListActivitiesOutput { activities, next_token })
}
