//! `PauseDurableExecution`.

use updraft_api_lambda::types::{PauseDurableExecutionInput, PauseDurableExecutionOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Lambda;
use crate::durable::{Asked, Work};

pub(crate) async fn pause_durable_execution(
    svc: &Lambda,
    cx: &Ctx,
    input: PauseDurableExecutionInput,
) -> Result<PauseDurableExecutionOutput, AwsError> {
    let mut tx = svc.store.write().await?;
    let mut work = Work::of_arn(svc, cx, &mut tx, &input.durable_execution_arn).await?;
    let asked = Asked {
        at: work.now,
        pause: true,
        token: input.client_token,
        reason: input.reason,
        stops_timeout: input.execution_timeout_paused.unwrap_or(true),
    };
    work.pause(asked).await?;
    work.save()?;
    tx.commit().await?;
    Ok(PauseDurableExecutionOutput {})
}
