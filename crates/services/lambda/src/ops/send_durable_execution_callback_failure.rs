//! `SendDurableExecutionCallbackFailure`.

use updraft_api_lambda::types::{SendDurableExecutionCallbackFailureInput, SendDurableExecutionCallbackFailureOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Lambda;
use crate::durable::{End, State, Work, rules};

pub(crate) async fn send_durable_execution_callback_failure(
    svc: &Lambda,
    cx: &Ctx,
    input: SendDurableExecutionCallbackFailureInput,
) -> Result<SendDurableExecutionCallbackFailureOutput, AwsError> {
    let error = rules::error(input.error.unwrap_or_default())?;
    let mut tx = svc.store.write().await?;
    let (mut work, number, row) = Work::of_callback(svc, cx, &mut tx, &input.callback_id).await?;
    work.complete(number, row, End::bad(State::Failed, error)).await?;
    work.save()?;
    tx.commit().await?;
    Ok(SendDurableExecutionCallbackFailureOutput {})
}
