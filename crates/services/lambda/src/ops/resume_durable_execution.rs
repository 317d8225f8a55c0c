//! `ResumeDurableExecution`.

use updraft_api_lambda::types::{ResumeDurableExecutionInput, ResumeDurableExecutionOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Lambda;
use crate::durable::{Asked, Work};

pub(crate) async fn resume_durable_execution(
    svc: &Lambda,
    cx: &Ctx,
    input: ResumeDurableExecutionInput,
) -> Result<ResumeDurableExecutionOutput, AwsError> {
    let mut tx = svc.store.write().await?;
    let mut work = Work::of_arn(svc, cx, &mut tx, &input.durable_execution_arn).await?;
    let asked =
        Asked { at: work.now, pause: false, token: input.client_token, reason: input.reason, stops_timeout: false };
    work.resume(asked).await?;
    work.save()?;
    tx.commit().await?;
    Ok(ResumeDurableExecutionOutput {})
}
