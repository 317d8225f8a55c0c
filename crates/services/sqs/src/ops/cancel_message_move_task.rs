//! `CancelMessageMoveTask`: what was moved stays where it is, and the rest stays too.

use updraft_api_sqs::types::{CancelMessageMoveTaskInput, CancelMessageMoveTaskOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Sqs;
use crate::errors::{invalid_parameter, no_such_resource};
use crate::model::move_task::{self, Status};
use crate::table;

/// # Errors
/// If there is no such task, or it is over.
pub(crate) async fn cancel_message_move_task(
    svc: &Sqs,
    cx: &Ctx,
    input: CancelMessageMoveTaskInput,
) -> Result<CancelMessageMoveTaskOutput, AwsError> {
    let (id, source) = move_task::parse(&input.task_handle)?;
    let missing = || no_such_resource("TaskHandle");
    let source = Some(source).filter(|source| source.account == cx.account).ok_or_else(missing)?;
    let mut tx = svc.parts.store.write().await?;
    let tasks = table::move_tasks(&mut tx, &source).await?;
    let mut task = tasks.into_iter().find(|task| task.id == id).ok_or_else(missing)?;
    if task.status != Status::Running {
        return Err(invalid_parameter("Only active tasks can be cancelled."));
    }
    // Its timer finds that there is nothing to do.
    task.status = Status::Cancelled;
    tx.put_row(&source.key().move_task(task.started, &task.id), &task)?;
    tx.commit().await?;
    let moved = i64::try_from(task.moved).unwrap_or(i64::MAX);
    Ok(CancelMessageMoveTaskOutput { approximate_number_of_messages_moved: Some(moved) })
}
