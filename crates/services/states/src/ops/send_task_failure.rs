//! `SendTaskFailure`.

use updraft_api_states::types::{SendTaskFailureInput, SendTaskFailureOutput};
use updraft_asl::run::{Failed, Signal};
use updraft_kernel::{AwsError, Ctx};

use super::tokens::came_back;
use crate::StepFunctions;

pub(crate) async fn send_task_failure(
    svc: &StepFunctions,
    cx: &Ctx,
    input: SendTaskFailureInput,
) -> Result<SendTaskFailureOutput, AwsError> {
    let failed = Failed { error: input.error, cause: input.cause };
    came_back(svc, cx, &input.task_token, |turn| Signal::Failed(turn, failed)).await?;
    Ok(SendTaskFailureOutput {})
}
