//! `DescribeLogStreams`.

use updraft_api_logs::types::{DescribeLogStreamsInput, DescribeLogStreamsOutput, LogStream, OrderBy};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{ScanOptions, StoreExt, Tx};

use crate::errors::{invalid, invalid_token};
use crate::keys::{GroupKey, Stream, StreamKey, name};
use crate::model::{names, page};
use crate::{Logs, groups};

/// AWS: in one answer, at most and if nothing is said.
const PAGE: usize = 50;

/// Rows read in one go.
const READ: usize = 500;

pub(crate) async fn describe_log_streams(
    svc: &Logs,
    cx: &Ctx,
    input: DescribeLogStreamsInput,
) -> Result<DescribeLogStreamsOutput, AwsError> {
    let group = names::group(cx, input.log_group_name, input.log_group_identifier)?;
    let by_time = input.order_by == Some(OrderBy::LastEventTime);
    if by_time && input.log_stream_name_prefix.is_some() {
        return Err(invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
    }
    let most = input.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(PAGE);
    let head = input.log_stream_name_prefix.unwrap_or_default();
    let mut tx = svc.store.read().await?;
    let key = groups::key(cx, &group);
    groups::group(&mut tx, key).await?;
    // Of those that are, all have to be seen where their order is that of times.
    let mut all = streams(&mut tx, key, &head).await?;
    if by_time {
        all.sort_by_key(|(name, stream)| (last_event(stream), name.clone()));
    }
    if input.descending == Some(true) {
        all.reverse();
    }
    let begin = match &input.next_token {
        Some(token) => behind(&all, &page::last(token)?, by_time)?,
        None => 0,
    };
    let rest = all.len().saturating_sub(begin);
    let told: Vec<_> = all.into_iter().skip(begin).take(most).collect();
    let next = told.last().filter(|_| rest > most).map(|(name, stream)| format!("{}/{name}", last_event(stream)));
    let arn = names::group_arn(cx, &group);
    let told = told.into_iter().map(|(name, stream)| described(&arn, name, &stream)).collect();
    Ok(DescribeLogStreamsOutput { log_streams: Some(told), next_token: next.as_deref().map(page::token) })
}

async fn streams(tx: &mut Tx, group: GroupKey<'_>, head: &str) -> Result<Vec<(String, Stream)>, AwsError> {
    let mut range = group.streams(head);
    let mut all = Vec::new();
    loop {
        let page = tx.rows::<StreamKey<'_>>(range.clone(), ScanOptions::limit(READ).untracked()).await?;
        for (key, stream) in &page.rows {
            all.push((name(key)?, stream.clone()));
        }
        match page.resume() {
            Some(last) => range = range.after(last),
            None => return Ok(all),
        }
    }
}

/// AWS: a stream without events counts by when it was made.
fn last_event(stream: &Stream) -> i64 {
    stream.events.map_or(stream.created, |events| events.last)
}

/// Where a page goes on: behind the stream that the last one ended with, or where that would be.
fn behind(all: &[(String, Stream)], last: &str, by_time: bool) -> Result<usize, AwsError> {
    let (at, name) = last.split_once('/').ok_or_else(invalid_token)?;
    let at: i64 = at.parse().map_err(|_| invalid_token())?;
    if let Some(place) = all.iter().position(|(known, _)| known == name) {
        return Ok(place + 1);
    }
    let is_behind = |(known, stream): &(String, Stream)| {
        if by_time { (last_event(stream), known.as_str()) > (at, name) } else { known.as_str() > name }
    };
    // In descending order those behind it come first.
    let descending = all.first().is_some_and(is_behind);
    let place = all.iter().position(|one| is_behind(one) != descending);
    Ok(place.unwrap_or(all.len()))
}

fn described(group: &str, name: String, stream: &Stream) -> LogStream {
    LogStream {
        creation_time: Some(stream.created),
        first_event_timestamp: stream.events.map(|events| events.first),
        last_event_timestamp: stream.events.map(|events| events.last),
        last_ingestion_time: stream.events.map(|events| events.ingested),
        arn: Some(format!("{group}:log-stream:{name}")),
        // AWS: always zero since 2019.
        stored_bytes: Some(0),
        log_stream_name: Some(name),
        ..LogStream::default()
    }
}
