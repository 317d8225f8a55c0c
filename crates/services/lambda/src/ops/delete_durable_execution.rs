//! `DeleteDurableExecution`.

use updraft_api_lambda::types::{DeleteDurableExecutionInput, DeleteDurableExecutionOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Lambda;
use crate::durable::Work;
use crate::errors::conflict;

pub(crate) async fn delete_durable_execution(
    svc: &Lambda,
    cx: &Ctx,
    input: DeleteDurableExecutionInput,
) -> Result<DeleteDurableExecutionOutput, AwsError> {
    let mut tx = svc.store.write().await?;
    let mut work = Work::of_arn(svc, cx, &mut tx, &input.durable_execution_arn).await?;
    if work.row.status.is_open() {
        let status = work.row.status.shown();
        let text = format!("The execution can't be deleted: its status is {}.", status.as_str());
        return Err(conflict(text));
    }
    work.delete().await?;
    let deletion_request_timestamp = work.row.deleting.unwrap_or(work.now);
    work.save()?;
    tx.commit().await?;
    Ok(DeleteDurableExecutionOutput { deletion_request_timestamp })
}
