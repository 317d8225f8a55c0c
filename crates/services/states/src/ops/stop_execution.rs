//! `StopExecution`.

use updraft_api_states::types::{StopExecutionInput, StopExecutionOutput};
use updraft_asl::run::Signal;
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::StepFunctions;
use crate::model::name::ExecutionId;
use crate::run::step;
use crate::table;

/// AWS: one that has ended is no error, and its end is answered.
pub(crate) async fn stop_execution(
    svc: &StepFunctions,
    cx: &Ctx,
    input: StopExecutionInput,
) -> Result<StopExecutionOutput, AwsError> {
    let id = ExecutionId::of_arn(cx, &input.execution_arn)?;
    let mut tx = svc.parts.store.write().await?;
    let before = table::execution(&mut tx, &id).await?;
    let stop = Signal::Stop { error: input.error, cause: input.cause };
    if !step(svc, &mut tx, &id, stop).await? {
        return Ok(StopExecutionOutput { stop_date: before.end.map_or_else(|| cx.now(), |end| end.at) });
    }
    let stopped = table::execution(&mut tx, &id).await?;
    tx.commit().await?;
    Ok(StopExecutionOutput { stop_date: stopped.end.map_or_else(|| cx.now(), |end| end.at) })
}
