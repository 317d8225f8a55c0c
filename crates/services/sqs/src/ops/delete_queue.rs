//! `DeleteQueue`: the queue is gone at once, and what it held goes behind this.

use updraft_api_sqs::types::{DeleteQueueInput, DeleteQueueOutput};
use updraft_kernel::{AwsError, Ctx, UnixMillis};
use updraft_store::StoreExt;

use crate::Sqs;
use crate::background::{Job, NAME_PAUSE, schedule};
use crate::keys::Deleted;
use crate::messages::Spot;
use crate::table;

/// # Errors
/// If there is no such queue.
pub(crate) async fn delete_queue(svc: &Sqs, cx: &Ctx, input: DeleteQueueInput) -> Result<DeleteQueueOutput, AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let (name, queue) = table::named(&mut tx, cx, &input.queue_url).await?;
    let now = cx.now();
    tx.delete_row(&name.key());
    for task in table::move_tasks(&mut tx, &name).await? {
        tx.delete_row(&name.key().move_task(task.started, &task.id));
    }
    // Whoever waits for a message learns of it.
    tx.touch(Spot::new(name.clone(), queue.clone()).rows.topic());
    tx.put_row(&name.key().deleted(), &Deleted { at: now })?;
    let free = (Job::Free(name.name.clone()), UnixMillis(now.0 + NAME_PAUSE));
    for (job, due) in [(Job::Clear(queue.number), now), free] {
        svc.parts.timers.schedule(&mut tx, schedule(&name.account, &name.region, job, due)?).await?;
    }
    tx.commit().await?;
    Ok(DeleteQueueOutput {})
}
