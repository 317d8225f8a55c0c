//! `GetLogEvents`.

use updraft_api_logs::types::{GetLogEventsInput, GetLogEventsOutput, OutputLogEvent};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::model::names;
use crate::model::position::{Cursor, Position};
use crate::search::{Event, Search, search};
use crate::{Logs, groups};

/// AWS: in one page, at most and if nothing is said.
const PAGE: usize = 10_000;

pub(crate) async fn get_log_events(
    svc: &Logs,
    cx: &Ctx,
    input: GetLogEventsInput,
) -> Result<GetLogEventsOutput, AwsError> {
    let name = names::group(cx, input.log_group_name, input.log_group_identifier)?;
    let cursor = input.next_token.as_deref().map(Cursor::parse).transpose()?;
    let key = groups::key(cx, &name);
    let mut tx = svc.store.read().await?;
    let group = groups::group(&mut tx, key).await?;
    let stream = groups::stream(&mut tx, key, &input.log_stream_name).await?;
    let all = group.between(cx, input.start_time, input.end_time);
    // Nothing of the stream lies beside these, and much of others may.
    let (first, last) = stream.events.map_or((0, 0), |events| (events.first, events.last));
    let all = all.start.max(Position::before(first))..all.end.min(Position::behind(last));
    let (between, forward) = match cursor {
        Some(Cursor::Forward(position)) => (groups::behind(&all, position), true),
        Some(Cursor::Backward(position)) => (groups::before(&all, position), false),
        None => (all, input.start_from_head == Some(true)),
    };
    let here = if forward { between.start } else { between.end };
    let mine = |stream: &str| stream == input.log_stream_name;
    let most = input.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(PAGE);
    let what = Search { group: key, between, forward, most, stream: &mine, line: &|_| true };
    let found = search(&mut tx, &what).await?;
    let mut events = found.events;
    if !forward {
        events.reverse();
    }
    let (backward, onward) = match (events.first(), events.last(), cursor, found.rest) {
        (Some(first), Some(last), ..) => (first.position, last.position),
        // Nothing yet, but there is more to look at.
        (_, _, _, Some(rest)) => (rest, rest),
        // AWS: at an end the token that was given is told again.
        (_, _, Some(Cursor::Forward(position) | Cursor::Backward(position)), None) => (position, position),
        (_, _, None, None) => (here, here),
    };
    let (onward, backward) = (Cursor::Forward(onward).token(), Cursor::Backward(backward).token());
    Ok(GetLogEventsOutput {
        events: Some(events.into_iter().map(told).collect()),
        next_forward_token: Some(onward),
        next_backward_token: Some(backward),
    })
}

fn told(event: Event) -> OutputLogEvent {
    let Event { at, message, ingested, .. } = event;
    OutputLogEvent { timestamp: Some(at), message: Some(message), ingestion_time: Some(ingested) }
}
