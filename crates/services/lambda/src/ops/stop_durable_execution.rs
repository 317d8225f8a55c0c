//! `StopDurableExecution`.

use updraft_api_lambda::types::{StopDurableExecutionInput, StopDurableExecutionOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Lambda;
use crate::durable::{Status, Work, outcome, rules};

pub(crate) async fn stop_durable_execution(
    svc: &Lambda,
    cx: &Ctx,
    input: StopDurableExecutionInput,
) -> Result<StopDurableExecutionOutput, AwsError> {
    let error = match input.error {
        Some(error) => rules::error(error)?,
        None => outcome::error(None, "Execution stopped by user request"),
    };
    let mut tx = svc.store.write().await?;
    let mut work = Work::of_arn(svc, cx, &mut tx, &input.durable_execution_arn).await?;
    // AWS: one that has ended was stopped then.
    if let Some(stop_timestamp) = work.row.ended {
        return Ok(StopDurableExecutionOutput { stop_timestamp });
    }
    work.end(Status::Stopped, None, Some(error)).await?;
    let stop_timestamp = work.now;
    work.save()?;
    tx.commit().await?;
    Ok(StopDurableExecutionOutput { stop_timestamp })
}
