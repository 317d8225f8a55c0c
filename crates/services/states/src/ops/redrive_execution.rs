//! `RedriveExecution`: an execution that failed, was stopped or took too long goes on from there.

use updraft_api_states::types::{RedriveExecutionInput, RedriveExecutionOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::StepFunctions;
use crate::model::name::ExecutionId;
use crate::run::redrive;

pub(crate) async fn redrive_execution(
    svc: &StepFunctions,
    cx: &Ctx,
    input: RedriveExecutionInput,
) -> Result<RedriveExecutionOutput, AwsError> {
    let id = ExecutionId::of_arn(cx, &input.execution_arn)?;
    let mut tx = svc.parts.store.write().await?;
    let redrive_date = redrive::redrive(svc, &mut tx, &id, input.client_token).await?;
    tx.commit().await?;
    Ok(RedriveExecutionOutput { redrive_date })
}
