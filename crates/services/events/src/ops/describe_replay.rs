//! `DescribeReplay`.

use updraft_api_events::types::{DescribeReplayInput, DescribeReplayOutput, ReplayDestination};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::keys::Scope;
use crate::{EventBridge, table};

pub(crate) async fn describe_replay(
    svc: &EventBridge,
    cx: &Ctx,
    input: DescribeReplayInput,
) -> Result<DescribeReplayOutput, AwsError> {
    let (name, scope) = (input.replay_name, Scope::of(cx));
    let replay = table::replay(&mut svc.parts.store.read().await?, scope, &name).await?;
    let shown = replay.shown(&name);
    Ok(DescribeReplayOutput {
        replay_name: shown.replay_name,
        replay_arn: Some(cx.arn("events", format!("replay/{name}")).to_string()),
        description: replay.description,
        state: shown.state,
        state_reason: None,
        event_source_arn: shown.event_source_arn,
        destination: Some(ReplayDestination { arn: replay.destination, filter_arns: replay.rules }),
        event_start_time: shown.event_start_time,
        event_end_time: shown.event_end_time,
        event_last_replayed_time: shown.event_last_replayed_time,
        replay_start_time: shown.replay_start_time,
        replay_end_time: shown.replay_end_time,
    })
}
