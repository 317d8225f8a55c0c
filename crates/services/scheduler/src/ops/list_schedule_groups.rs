//! `ListScheduleGroups`: by name.

use updraft_api_scheduler::types::{ListScheduleGroupsInput, ListScheduleGroupsOutput};
use updraft_kernel::{AwsError, Ctx, UnixMillis};
use updraft_store::{Key, ScanOptions, StoreExt};

use super::paging::{limit, read_token, token};
use crate::Scheduler;
use crate::keys::{GroupKey, names};
use crate::model::group::Group;
use crate::model::name::{DEFAULT, GroupId};

/// Groups are few: an account has 500 at most on AWS.
const ALL: usize = 10_000;

pub(crate) async fn list_schedule_groups(
    svc: &Scheduler,
    cx: &Ctx,
    input: ListScheduleGroupsInput,
) -> Result<ListScheduleGroupsOutput, AwsError> {
    let after = input.next_token.map(|token| read_token(&token)).transpose()?;
    let prefix = input.name_prefix.unwrap_or_default();
    let mut range = GroupKey::all(&cx.account, &cx.region);
    if let Some(after) = &after {
        range = range.after(&GroupKey(&GroupId::of(cx, Some(after.clone()))).encode());
    }
    let page = svc.parts.store.read().await?.rows::<GroupKey<'_>>(range, ScanOptions::limit(ALL)).await?;
    let mut found = Vec::new();
    for (key, group) in page.rows {
        found.push((names(&key)?.0, group));
    }
    // AWS: it is there without having been made.
    if after.is_none_or(|after| after.as_str() < DEFAULT) && found.iter().all(|(name, _)| name != DEFAULT) {
        found.push((DEFAULT.to_owned(), Group::new(UnixMillis(0))));
    }
    found.retain(|(name, _)| name.starts_with(&prefix));
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    let limit = limit(input.max_results);
    let more = found.len() > limit;
    found.truncate(limit);
    let next_token = found.last().filter(|_| more).map(|(name, _)| token(name));
    let one = |(name, group): (String, Group)| group.summary(&GroupId::of(cx, Some(name)));
    Ok(ListScheduleGroupsOutput { next_token, schedule_groups: found.into_iter().map(one).collect() })
}
