//! `DescribeLogGroups`.

use updraft_api_logs::types::{DescribeLogGroupsInput, DescribeLogGroupsOutput, LogGroup, LogGroupClass};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{Key, ScanOptions, StoreExt, Tx};

use crate::errors::invalid;
use crate::keys::{Group, GroupKey, StreamKey, name};
use crate::model::{names, page};
use crate::{Logs, groups};

/// AWS: in one answer, at most and if nothing is said.
const PAGE: usize = 50;

/// Rows read in one go.
const READ: usize = 500;

pub(crate) async fn describe_log_groups(
    svc: &Logs,
    cx: &Ctx,
    input: DescribeLogGroupsInput,
) -> Result<DescribeLogGroupsOutput, AwsError> {
    if input.log_group_name_prefix.is_some() && input.log_group_name_pattern.is_some() {
        let message = "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.";
        return Err(invalid(message));
    }
    let most = input.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(PAGE);
    let head = input.log_group_name_prefix.clone().unwrap_or_default();
    let mut range = groups::key(cx, &head).starting();
    if let Some(token) = &input.next_token {
        range = range.after(&groups::key(cx, &page::last(token)?).encode());
    }
    let wanted = Wanted::new(cx, &input);
    let mut tx = svc.store.read().await?;
    let mut found = Vec::new();
    loop {
        let rows = tx.rows::<GroupKey<'_>>(range.clone(), ScanOptions::limit(READ)).await?;
        for (key, group) in &rows.rows {
            let name = name(key)?;
            if !wanted.has(&name, group) {
                continue;
            }
            if found.len() == most {
                let next_token = found.last().and_then(|group: &LogGroup| group.log_group_name.as_deref());
                let next_token = next_token.map(page::token);
                return Ok(DescribeLogGroupsOutput { log_groups: Some(found), next_token });
            }
            found.push(described(cx, &mut tx, name, group).await?);
        }
        match rows.resume() {
            Some(last) => range = range.after(last),
            None => return Ok(DescribeLogGroupsOutput { log_groups: Some(found), next_token: None }),
        }
    }
}

/// What is asked of a group besides its prefix.
struct Wanted<'a> {
    pattern: Option<&'a str>,
    class: Option<&'a LogGroupClass>,
    names: Option<Vec<Option<String>>>,
}

impl<'a> Wanted<'a> {
    fn new(cx: &Ctx, input: &'a DescribeLogGroupsInput) -> Self {
        let name = |identifier: &String| names::group(cx, None, Some(identifier.clone())).ok();
        Self {
            pattern: input.log_group_name_pattern.as_deref(),
            class: input.log_group_class.as_ref(),
            names: input.log_group_identifiers.as_ref().map(|all| all.iter().map(name).collect()),
        }
    }

    fn has(&self, name: &str, group: &Group) -> bool {
        self.pattern.is_none_or(|pattern| name.contains(pattern))
            && self.class.is_none_or(|class| class.as_str() == group.class)
            && self.names.as_ref().is_none_or(|names| names.iter().any(|one| one.as_deref() == Some(name)))
    }
}

async fn described(cx: &Ctx, tx: &mut Tx, name: String, group: &Group) -> Result<LogGroup, AwsError> {
    let arn = names::group_arn(cx, &name);
    let stored = stored_bytes(tx, groups::key(cx, &name)).await?;
    Ok(LogGroup {
        creation_time: Some(group.created),
        retention_in_days: group.retention,
        // Filters aren't there.
        metric_filter_count: Some(0),
        arn: Some(format!("{arn}:*")),
        log_group_arn: Some(arn),
        stored_bytes: Some(stored),
        log_group_class: Some(LogGroupClass::from(group.class.as_str())),
        log_group_name: Some(name),
        deletion_protection_enabled: Some(false),
        ..LogGroup::default()
    })
}

/// What all streams together were given.
async fn stored_bytes(tx: &mut Tx, group: GroupKey<'_>) -> Result<i64, AwsError> {
    let mut range = group.streams("");
    let mut bytes = 0_u64;
    loop {
        let page = tx.rows::<StreamKey<'_>>(range.clone(), ScanOptions::limit(READ).untracked()).await?;
        bytes += page.rows.iter().map(|(_, stream)| stream.bytes).sum::<u64>();
        match page.resume() {
            Some(last) => range = range.after(last),
            None => return Ok(i64::try_from(bytes).unwrap_or(i64::MAX)),
        }
    }
}
