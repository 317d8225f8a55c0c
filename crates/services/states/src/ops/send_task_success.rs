//! `SendTaskSuccess`.

use updraft_api_states::types::{SendTaskSuccessInput, SendTaskSuccessOutput};
use updraft_asl::run::Signal;
use updraft_kernel::{AwsError, Ctx};

use super::tokens::came_back;
use crate::StepFunctions;
use crate::errors::invalid_output;

pub(crate) async fn send_task_success(
    svc: &StepFunctions,
    cx: &Ctx,
    input: SendTaskSuccessInput,
) -> Result<SendTaskSuccessOutput, AwsError> {
    let output: serde_json::Value = serde_json::from_str(&input.output).map_err(invalid_output)?;
    came_back(svc, cx, &input.task_token, |turn| Signal::Succeeded(turn, output)).await?;
    Ok(SendTaskSuccessOutput {})
}
