//! `ListLogGroups`.

use updraft_api_logs::types::{ListLogGroupsInput, ListLogGroupsOutput, LogGroupClass, LogGroupSummary};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{Key, ScanOptions, StoreExt};

use crate::keys::{Group, GroupKey, name};
use crate::model::{names, page};
use crate::{Logs, groups};

/// AWS: in one answer, if nothing is said.
const PAGE: usize = 50;

/// Rows read in one go.
const READ: usize = 500;

pub(crate) async fn list_log_groups(
    svc: &Logs,
    cx: &Ctx,
    input: ListLogGroupsInput,
) -> Result<ListLogGroupsOutput, AwsError> {
    let most = input.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(PAGE);
    let mut range = groups::key(cx, "").starting();
    if let Some(token) = &input.next_token {
        range = range.after(&groups::key(cx, &page::last(token)?).encode());
    }
    let mut tx = svc.store.read().await?;
    let mut found: Vec<LogGroupSummary> = Vec::new();
    loop {
        let rows = tx.rows::<GroupKey<'_>>(range.clone(), ScanOptions::limit(READ)).await?;
        for (key, group) in &rows.rows {
            let name = name(key)?;
            if !is_wanted(&input, &name, group) {
                continue;
            }
            if found.len() == most {
                let last = found.last().and_then(|group| group.log_group_name.as_deref());
                let next_token = last.map(page::token);
                return Ok(ListLogGroupsOutput { log_groups: Some(found), next_token });
            }
            found.push(LogGroupSummary {
                log_group_arn: Some(names::group_arn(cx, &name)),
                log_group_class: Some(LogGroupClass::from(group.class.as_str())),
                log_group_name: Some(name),
            });
        }
        match rows.resume() {
            Some(last) => range = range.after(last),
            None => return Ok(ListLogGroupsOutput { log_groups: Some(found), next_token: None }),
        }
    }
}

fn is_wanted(input: &ListLogGroupsInput, name: &str, group: &Group) -> bool {
    // No group has an index or a data source.
    let elsewhere = input.data_sources.is_some() || input.field_index_names.is_some();
    let tagged = input.log_group_tags.iter().flatten().all(|filter| {
        let value = group.tags.get(&filter.key);
        value.is_some_and(|value| filter.values.as_ref().is_none_or(|values| values.contains(value)))
    });
    !elsewhere
        && tagged
        && input.log_group_class.as_ref().is_none_or(|class| class.as_str() == group.class)
        && input.log_group_name_pattern.as_ref().is_none_or(|pattern| fits(name, pattern))
}

/// AWS: parts of the name, with `|` between them; those behind `^` are what it begins with.
fn fits(name: &str, pattern: &str) -> bool {
    pattern.split('|').any(|part| match part.strip_prefix('^') {
        Some(head) => name.starts_with(head),
        None => name.contains(part),
    })
}
