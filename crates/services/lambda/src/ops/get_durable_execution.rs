//! `GetDurableExecution`.

use updraft_api_lambda::types::{GetDurableExecutionInput, GetDurableExecutionOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Lambda;
use crate::durable::{Work, view};

pub(crate) async fn get_durable_execution(
    svc: &Lambda,
    cx: &Ctx,
    input: GetDurableExecutionInput,
) -> Result<GetDurableExecutionOutput, AwsError> {
    let mut tx = svc.store.read().await?;
    let mut work = Work::of_arn(svc, cx, &mut tx, &input.durable_execution_arn).await?;
    view::execution(&mut work, input.include_execution_data.unwrap_or(true)).await
}
