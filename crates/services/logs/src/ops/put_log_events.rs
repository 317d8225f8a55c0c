//! `PutLogEvents`.

use updraft_api_logs::types::{InputLogEvent, PutLogEventsInput, PutLogEventsOutput, RejectedLogEventsInfo};
use updraft_kernel::ports::{LogBatch, LogLine};
use updraft_kernel::{AwsError, Ctx, RngExt, UnixMillis};
use updraft_store::StoreExt;

use crate::Logs;
use crate::errors::invalid;
use crate::groups::{self, DAY};
use crate::keys::{Chunk, Group};
use crate::table::{self, EVENT_BYTES};

/// AWS: of all events together, each with what counts for it beside its text; and of one.
const MOST_BYTES: usize = 1 << 20;
const MOST_EVENT_BYTES: usize = 256 << 10;

const HOUR: i64 = 3_600_000;

pub(crate) async fn put_log_events(
    svc: &Logs,
    cx: &Ctx,
    input: PutLogEventsInput,
) -> Result<PutLogEventsOutput, AwsError> {
    let PutLogEventsInput { log_group_name, log_stream_name, log_events, .. } = input;
    check(&log_events)?;
    let key = groups::key(cx, &log_group_name);
    let mut tx = svc.store.write().await?;
    let group = groups::group(&mut tx, key).await?;
    groups::stream(&mut tx, key, &log_stream_name).await?;
    let (taken, rejected) = sorted_out(cx, &group, log_events)?;
    let lines = taken.into_iter().map(|event| (event.timestamp, event.message));
    let chunk = |lines| Chunk { stream: log_stream_name.clone(), lines, ingested: cx.now().0 };
    let chunks: Vec<_> = table::portions(lines).into_iter().map(chunk).collect();
    let placed: Vec<_> = (0_u32..).zip(&chunks).collect();
    table::put(&mut tx, key, &placed).await?;
    tx.commit().await?;
    svc.told(|| LogBatch {
        account: cx.account.clone(),
        region: cx.region.clone(),
        group: log_group_name,
        stream: log_stream_name,
        lines: chunks.into_iter().flat_map(|chunk| chunk.lines).map(line).collect(),
    });
    // AWS: still told, and ignored where it is handed back.
    let token = cx.rng.text("0123456789", 56);
    Ok(PutLogEventsOutput {
        next_sequence_token: Some(token),
        rejected_log_events_info: rejected,
        ..Default::default()
    })
}

fn line((at, message): (i64, String)) -> LogLine {
    LogLine { at: UnixMillis(at), message }
}

fn check(events: &[InputLogEvent]) -> Result<(), AwsError> {
    for event in events {
        let bytes = event.message.len() + EVENT_BYTES;
        if bytes > MOST_EVENT_BYTES {
            return Err(invalid(format!("Log event too large: {bytes} bytes exceeds limit of {MOST_EVENT_BYTES}")));
        }
    }
    let bytes: usize = events.iter().map(|event| event.message.len() + EVENT_BYTES).sum();
    if bytes > MOST_BYTES {
        return Err(invalid(format!("Upload too large: {bytes} bytes exceeds limit of {MOST_BYTES}")));
    }
    if !events.is_sorted_by_key(|event| event.timestamp) {
        let message = "Log events in a single PutLogEvents request must be in chronological order.";
        return Err(invalid(message));
    }
    Ok(())
}

/// Those that are taken, and which aren't. They are in the order of their times.
fn sorted_out(
    cx: &Ctx,
    group: &Group,
    mut events: Vec<InputLogEvent>,
) -> Result<(Vec<InputLogEvent>, Option<RejectedLogEventsInfo>), AwsError> {
    let now = cx.now().0;
    let first_from = |at: i64| events.partition_point(|event| event.timestamp < at);
    let too_old = first_from(now - 14 * DAY);
    let expired = first_from(group.expired(cx));
    let too_new = first_from(now + 2 * HOUR + 1);
    let index = |place: usize, counts: bool| counts.then(|| i32::try_from(place).unwrap_or(i32::MAX));
    let info = RejectedLogEventsInfo {
        too_new_log_event_start_index: index(too_new, too_new < events.len()),
        too_old_log_event_end_index: index(too_old, too_old > 0),
        expired_log_event_end_index: index(expired, expired > too_old),
    };
    let info = (info != RejectedLogEventsInfo::default()).then_some(info);
    events.truncate(too_new);
    events.drain(..too_old.max(expired).min(events.len()));
    if let (Some(first), Some(last)) = (events.first(), events.last())
        && last.timestamp - first.timestamp > DAY
    {
        let message = "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.";
        return Err(invalid(message));
    }
    Ok((events, info))
}
