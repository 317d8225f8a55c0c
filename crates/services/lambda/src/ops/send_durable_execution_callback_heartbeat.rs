//! `SendDurableExecutionCallbackHeartbeat`.

use updraft_api_lambda::types::{
    SendDurableExecutionCallbackHeartbeatInput, SendDurableExecutionCallbackHeartbeatOutput,
};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Lambda;
use crate::durable::Work;

pub(crate) async fn send_durable_execution_callback_heartbeat(
    svc: &Lambda,
    cx: &Ctx,
    input: SendDurableExecutionCallbackHeartbeatInput,
) -> Result<SendDurableExecutionCallbackHeartbeatOutput, AwsError> {
    let mut tx = svc.store.write().await?;
    let (mut work, number, row) = Work::of_callback(svc, cx, &mut tx, &input.callback_id).await?;
    work.beat(number, &row).await?;
    work.save()?;
    tx.commit().await?;
    Ok(SendDurableExecutionCallbackHeartbeatOutput {})
}
