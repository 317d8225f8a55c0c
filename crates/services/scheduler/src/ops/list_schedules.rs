//! `ListSchedules`: by group and name.

use updraft_api_scheduler::types::{ListSchedulesInput, ListSchedulesOutput, ScheduleState, ScheduleSummary};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{Key, KeyRange, ScanOptions, StoreExt, Tx};

use super::paging::{limit, read_token, token};
use crate::errors::invalid;
use crate::keys::{ScheduleKey, names};
use crate::model::name::{GroupId, ScheduleId};
use crate::model::schedule::Schedule;
use crate::{Scheduler, table};

/// Rows read at once.
const PORTION: usize = 200;

/// What is asked for.
struct Wanted {
    prefix: String,
    enabled: Option<bool>,
    limit: usize,
}

impl Wanted {
    fn is(&self, name: &str, schedule: &Schedule) -> bool {
        let as_wanted = self.enabled.is_none_or(|enabled| enabled == schedule.settings.enabled);
        name.starts_with(&self.prefix) && as_wanted
    }
}

pub(crate) async fn list_schedules(
    svc: &Scheduler,
    cx: &Ctx,
    input: ListSchedulesInput,
) -> Result<ListSchedulesOutput, AwsError> {
    let wanted = Wanted {
        prefix: input.name_prefix.unwrap_or_default(),
        enabled: input.state.map(|state| state == ScheduleState::Enabled),
        limit: limit(input.max_results),
    };
    let mut tx = svc.parts.store.read().await?;
    let mut range = match input.group_name {
        None => ScheduleKey::all(&cx.account, &cx.region),
        Some(name) => {
            let group = GroupId::of(cx, Some(name));
            table::group(&mut tx, &group).await?;
            ScheduleKey::of_group(&group)
        }
    };
    if let Some(given) = input.next_token {
        range = range.after(&ScheduleKey(&ended(cx, &read_token(&given)?)?).encode());
    }
    let (schedules, next_token) = found(&mut tx, cx, range, &wanted).await?;
    Ok(ListSchedulesOutput { next_token, schedules })
}

/// A page ended with this one.
fn ended(cx: &Ctx, last: &str) -> Result<ScheduleId, AwsError> {
    let (group, name) = last.split_once('/').ok_or_else(|| invalid("Invalid NextToken provided."))?;
    Ok(ScheduleId::of(cx, Some(group.to_owned()), name.to_owned()))
}

/// Those that are wanted, and where to go on.
async fn found(
    tx: &mut Tx,
    cx: &Ctx,
    mut range: KeyRange,
    wanted: &Wanted,
) -> Result<(Vec<ScheduleSummary>, Option<String>), AwsError> {
    let (mut schedules, mut last) = (Vec::new(), String::new());
    loop {
        let page = tx.rows::<ScheduleKey<'_>>(range.clone(), ScanOptions::limit(PORTION)).await?;
        for (key, schedule) in &page.rows {
            let (group, name) = names(key)?;
            let name = name.unwrap_or_default();
            if !wanted.is(&name, schedule) {
                continue;
            }
            if schedules.len() == wanted.limit {
                return Ok((schedules, Some(token(&last))));
            }
            last = format!("{group}/{name}");
            schedules.push(schedule.summary(&ScheduleId::of(cx, Some(group), name))?);
        }
        match page.resume() {
            Some(end) => range = range.after(end),
            None => return Ok((schedules, None)),
        }
    }
}
