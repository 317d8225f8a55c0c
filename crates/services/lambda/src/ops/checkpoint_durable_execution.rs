//! `CheckpointDurableExecution`.

use updraft_api_lambda::types::{
    CheckpointDurableExecutionInput, CheckpointDurableExecutionOutput, CheckpointUpdatedExecutionState, Operation,
};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Lambda;
use crate::durable::checkpoint::{Asked, Told};
use crate::durable::{Work, named};

pub(crate) async fn checkpoint_durable_execution(
    svc: &Lambda,
    cx: &Ctx,
    input: CheckpointDurableExecutionInput,
) -> Result<CheckpointDurableExecutionOutput, AwsError> {
    let id = named(cx, &input.durable_execution_arn)?;
    let asked = Asked { token: input.checkpoint_token, client_token: input.client_token };
    let mut tx = svc.store.write().await?;
    let mut work = Work::of_token(svc, &mut tx, id, &input.durable_execution_arn).await?;
    if let Some(told) = work.told_before(&asked).await? {
        return Ok(output(told));
    }
    let told = work.checkpoint(asked, input.updates.unwrap_or_default()).await?;
    work.save()?;
    tx.commit().await?;
    Ok(output(told))
}

fn output(Told { token, operations, next }: Told) -> CheckpointDurableExecutionOutput {
    let operations: Option<Vec<Operation>> = Some(operations);
    CheckpointDurableExecutionOutput {
        checkpoint_token: token,
        new_execution_state: CheckpointUpdatedExecutionState { operations, next_marker: next },
    }
}
