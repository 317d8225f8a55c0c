//! `SendDurableExecutionCallbackSuccess`.

use updraft_api_lambda::types::{SendDurableExecutionCallbackSuccessInput, SendDurableExecutionCallbackSuccessOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Lambda;
use crate::durable::{End, Work};
use crate::errors::invalid_parameter;

pub(crate) async fn send_durable_execution_callback_success(
    svc: &Lambda,
    cx: &Ctx,
    input: SendDurableExecutionCallbackSuccessInput,
) -> Result<SendDurableExecutionCallbackSuccessOutput, AwsError> {
    let broken = |_| invalid_parameter("The callback's result is not UTF-8 text.");
    let result = input.result.map(|result| String::from_utf8(result.to_vec()).map_err(broken)).transpose()?;
    let result = result.filter(|result| !result.is_empty());
    let mut tx = svc.store.write().await?;
    let (mut work, number, row) = Work::of_callback(svc, cx, &mut tx, &input.callback_id).await?;
    work.complete(number, row, End::good(result)).await?;
    work.save()?;
    tx.commit().await?;
    Ok(SendDurableExecutionCallbackSuccessOutput {})
}
