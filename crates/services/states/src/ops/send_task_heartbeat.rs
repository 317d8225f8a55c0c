//! `SendTaskHeartbeat`.

use updraft_api_states::types::{SendTaskHeartbeatInput, SendTaskHeartbeatOutput};
use updraft_asl::run::Signal;
use updraft_kernel::{AwsError, Ctx};

use super::tokens::came_back;
use crate::StepFunctions;

pub(crate) async fn send_task_heartbeat(
    svc: &StepFunctions,
    cx: &Ctx,
    input: SendTaskHeartbeatInput,
) -> Result<SendTaskHeartbeatOutput, AwsError> {
    came_back(svc, cx, &input.task_token, Signal::Heartbeat).await?;
    Ok(SendTaskHeartbeatOutput {})
}
