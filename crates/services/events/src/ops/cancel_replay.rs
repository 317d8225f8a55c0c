//! `CancelReplay`: no more is sent than what is on its way.

use updraft_api_events::types::{CancelReplayInput, CancelReplayOutput, ReplayState};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::wrong_state;
use crate::keys::{ReplayKey, Scope};
use crate::{EventBridge, table};

pub(crate) async fn cancel_replay(
    svc: &EventBridge,
    cx: &Ctx,
    input: CancelReplayInput,
) -> Result<CancelReplayOutput, AwsError> {
    let (name, scope) = (input.replay_name, Scope::of(cx));
    let mut tx = svc.parts.store.write().await?;
    let mut replay = table::replay(&mut tx, scope, &name).await?;
    if !matches!(replay.state(), ReplayState::Starting | ReplayState::Running) {
        return Err(wrong_state(format_args!("Replay {name}")));
    }
    replay.state = ReplayState::Cancelling.to_string();
    tx.put_row(&ReplayKey(scope, &name), &replay)?;
    tx.commit().await?;
    Ok(CancelReplayOutput {
        replay_arn: Some(cx.arn("events", format!("replay/{name}")).to_string()),
        state: Some(replay.state()),
        state_reason: None,
    })
}
