//! `ListMessageMoveTasks`: the latest tasks that move messages out of a queue.

use updraft_api_sqs::types::{ListMessageMoveTasksInput, ListMessageMoveTasksOutput, ListMessageMoveTasksResultEntry};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Sqs;
use crate::model::move_task::{self, MoveTask, Status};
use crate::table;

/// # Errors
/// If there is no such queue.
pub(crate) async fn list_message_move_tasks(
    svc: &Sqs,
    cx: &Ctx,
    input: ListMessageMoveTasksInput,
) -> Result<ListMessageMoveTasksOutput, AwsError> {
    let most = move_task::listed(input.max_results)?;
    let mut tx = svc.parts.store.read().await?;
    let (name, _) = table::by_arn(&mut tx, cx, &input.source_arn, "SourceArn").await?;
    let tasks = table::move_tasks(&mut tx, &name).await?;
    let entries = tasks.into_iter().take(most).map(|task| entry(task, &input.source_arn)).collect();
    Ok(ListMessageMoveTasksOutput { results: Some(entries) })
}

fn entry(task: MoveTask, source: &str) -> ListMessageMoveTasksResultEntry {
    let number = |count: u64| Some(i64::try_from(count).unwrap_or(i64::MAX));
    // AWS: only what can be cancelled still has a handle.
    let running = task.status == Status::Running;
    ListMessageMoveTasksResultEntry {
        task_handle: running.then(|| move_task::handle(&task.id, source)),
        status: Some(task.status.as_str().to_owned()),
        source_arn: Some(source.to_owned()),
        destination_arn: task.destination,
        max_number_of_messages_per_second: task.rate.and_then(|rate| i32::try_from(rate).ok()),
        approximate_number_of_messages_moved: number(task.moved),
        approximate_number_of_messages_to_move: number(task.found),
        failure_reason: match task.status {
            Status::Failed(why) => Some(why),
            _ => None,
        },
        started_timestamp: Some(task.started.0),
    }
}
