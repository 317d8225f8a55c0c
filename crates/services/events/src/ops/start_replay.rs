//! `StartReplay`: what an archive holds of a span of time goes to its bus again.

use updraft_api_events::types::{ReplayState, StartReplayInput, StartReplayOutput};
use updraft_kernel::{Arn, AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::{already_exists, not_valid, not_valid_for};
use crate::keys::{ArchiveKey, ReplayKey, Scope};
use crate::model::archive::{Replay, Step};
use crate::{EventBridge, fanout};

pub(crate) async fn start_replay(
    svc: &EventBridge,
    cx: &Ctx,
    input: StartReplayInput,
) -> Result<StartReplayOutput, AwsError> {
    if input.event_start_time >= input.event_end_time {
        return Err(not_valid_for("EventEndTime", "EventStartTime must be before EventEndTime."));
    }
    let (name, scope) = (input.replay_name, Scope::of(cx));
    let source = Arn::parse(&input.event_source_arn).map_err(|_| not_valid("EventSourceArn"))?;
    let archive_name = source.resource.strip_prefix("archive/").ok_or_else(|| not_valid("EventSourceArn"))?;
    let mut tx = svc.parts.store.write().await?;
    let gone = || not_valid_for("EventSourceArn", format_args!("Archive {archive_name} does not exist."));
    let archive = tx.row(&ArchiveKey(scope, archive_name)).await?.ok_or_else(gone)?;
    if archive.source != input.destination.arn {
        return Err(not_valid_for("Destination.Arn", "Cross event bus replay is not permitted."));
    }
    if tx.row(&ReplayKey(scope, &name)).await?.is_some() {
        return Err(already_exists(format_args!("Replay {name}")));
    }
    let replay = Replay {
        description: input.description,
        state: ReplayState::Starting.to_string(),
        source: input.event_source_arn,
        number: archive.number,
        destination: input.destination.arn,
        rules: input.destination.filter_arns,
        from: input.event_start_time,
        until: input.event_end_time,
        reached: None,
        started: cx.now(),
        ended: None,
    };
    tx.put_row(&ReplayKey(scope, &name), &replay)?;
    let (account, region, endpoint) = (cx.account.clone(), cx.region.clone(), cx.endpoint.to_string());
    let step = Step { account, region, replay: name.clone(), endpoint, after: None };
    svc.parts.outbox.enqueue(&mut tx, fanout::step(&step)?).await?;
    tx.commit().await?;
    Ok(StartReplayOutput {
        replay_arn: Some(cx.arn("events", format!("replay/{name}")).to_string()),
        state: Some(ReplayState::Starting),
        state_reason: None,
        replay_start_time: Some(replay.started),
    })
}
