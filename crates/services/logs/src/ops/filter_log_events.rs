//! `FilterLogEvents`.

use std::collections::BTreeSet;

use updraft_api_logs::types::{FilterLogEventsInput, FilterLogEventsOutput, FilteredLogEvent};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::{invalid, invalid_token};
use crate::model::names;
use crate::model::pattern::Pattern;
use crate::model::position::Position;
use crate::search::{Event, Search, search};
use crate::{Logs, groups};

/// AWS: in one page, at most and if nothing is said.
const PAGE: usize = 10_000;

pub(crate) async fn filter_log_events(
    svc: &Logs,
    cx: &Ctx,
    input: FilterLogEventsInput,
) -> Result<FilterLogEventsOutput, AwsError> {
    let name = names::group(cx, input.log_group_name, input.log_group_identifier)?;
    let pattern = Pattern::parse(input.filter_pattern.as_deref().unwrap_or_default())?;
    let (names, head) = (input.log_stream_names, input.log_stream_name_prefix);
    if names.is_some() && head.is_some() {
        return Err(invalid("logStreamNames and logStreamNamePrefix are mutually exclusive parameters."));
    }
    let token = input.next_token.as_deref();
    let begin = token.map(|token| Position::parse(token).ok_or_else(invalid_token)).transpose()?;
    let key = groups::key(cx, &name);
    let mut tx = svc.store.read().await?;
    let group = groups::group(&mut tx, key).await?;
    for name in names.iter().flatten() {
        groups::stream(&mut tx, key, name).await?;
    }
    let names = names.map(BTreeSet::from_iter);
    let mine = |stream: &str| {
        names.as_ref().is_none_or(|names| names.contains(stream))
            && head.as_ref().is_none_or(|head| stream.starts_with(head.as_str()))
    };
    let forward = input.start_from_head != Some(false);
    let all = group.between(cx, input.start_time, input.end_time);
    let between = match begin {
        Some(position) if forward => groups::behind(&all, position),
        Some(position) => groups::before(&all, position),
        None => all,
    };
    let most = input.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(PAGE);
    let fits = |line: &str| pattern.matches(line);
    let what = Search { group: key, between, forward, most, stream: &mine, line: &fits };
    let found = search(&mut tx, &what).await?;
    Ok(FilterLogEventsOutput {
        events: Some(found.events.into_iter().map(told).collect()),
        // AWS: empty ever since streams aren't searched one by one.
        searched_log_streams: Some(Vec::new()),
        next_token: found.rest.map(Position::digits),
    })
}

fn told(event: Event) -> FilteredLogEvent {
    let Event { position, stream, at, message, ingested } = event;
    FilteredLogEvent {
        log_stream_name: Some(stream),
        timestamp: Some(at),
        message: Some(message),
        ingestion_time: Some(ingested),
        event_id: Some(position.digits()),
    }
}
