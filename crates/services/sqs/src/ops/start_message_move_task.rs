//! `StartMessageMoveTask`: begins to move dead letters back to where they came from, or elsewhere.

use updraft_api_sqs::types::{StartMessageMoveTaskInput, StartMessageMoveTaskOutput};
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::{StoreExt, Tx};

use crate::Sqs;
use crate::background::{Job, schedule};
use crate::errors::invalid_parameter;
use crate::model::move_task::{self, KEPT, MoveTask, Status};
use crate::model::queue::Queue;
use crate::queue_url::QueueName;
use crate::table;

/// # Errors
/// If the source isn't where dead letters go, or the destination isn't there, or messages are being moved already.
pub(crate) async fn start_message_move_task(
    svc: &Sqs,
    cx: &Ctx,
    input: StartMessageMoveTaskInput,
) -> Result<StartMessageMoveTaskOutput, AwsError> {
    let StartMessageMoveTaskInput { source_arn, destination_arn, max_number_of_messages_per_second } = input;
    let destination = destination_arn.filter(|arn| !arn.is_empty());
    let rate = move_task::rate(max_number_of_messages_per_second)?;
    let (name, queue) = table::by_arn(&mut svc.parts.store.read().await?, cx, &source_arn, "SourceArn").await?;
    let found = u64::try_from(svc.counts(&name, &queue).await?.visible).unwrap_or(u64::MAX);
    let mut tx = svc.parts.store.write().await?;
    check(&mut tx, cx, (&name, &queue), destination.as_deref()).await?;
    let (id, started) = (cx.rng.uuid(), cx.now());
    let task = MoveTask { id: id.clone(), started, destination, rate, found, moved: 0, status: Status::Running };
    begin(&mut tx, &name, &task).await?;
    let job = Job::Move { queue: name.name.clone(), started, task: id.clone() };
    svc.parts.timers.schedule(&mut tx, schedule(&name.account, &name.region, job, started)?).await?;
    tx.commit().await?;
    Ok(StartMessageMoveTaskOutput { task_handle: Some(move_task::handle(&id, &source_arn)) })
}

async fn check(
    tx: &mut Tx,
    cx: &Ctx,
    (name, queue): (&QueueName, &Queue),
    destination: Option<&str>,
) -> Result<(), AwsError> {
    if let Some(arn) = destination {
        let (to, other) = table::by_arn(tx, cx, arn, "DestinationArn").await?;
        if to == *name {
            return Err(invalid_parameter("Source queue arn and destination queue arn must be different."));
        }
        if other.settings.fifo.is_some() != queue.settings.fifo.is_some() {
            return Err(invalid_parameter("Source queue and destination queue must be of the same type."));
        }
    }
    if table::sources(tx, name, None, 1).await?.is_empty() {
        return Err(invalid_parameter("Source queue must be configured as a Dead Letter Queue."));
    }
    Ok(())
}

/// Beside as many earlier ones as are kept.
async fn begin(tx: &mut Tx, name: &QueueName, task: &MoveTask) -> Result<(), AwsError> {
    let before = table::move_tasks(tx, name).await?;
    if before.iter().any(|task| task.status == Status::Running) {
        return Err(invalid_parameter(
            "There is already a task running. Only one active task is allowed for a source queue arn at a given time.",
        ));
    }
    for old in before.iter().skip(KEPT - 1) {
        tx.delete_row(&name.key().move_task(old.started, &old.id));
    }
    Ok(tx.put_row(&name.key().move_task(task.started, &task.id), task)?)
}
