//! `PurgeQueue`: the queue goes on with nothing in it, under a number of its own; what it held goes behind this, however
//! much it is.

use updraft_api_sqs::types::{PurgeQueueInput, PurgeQueueOutput};
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::StoreExt;

use crate::Sqs;
use crate::background::{Job, schedule};
use crate::errors::purge_in_progress;
use crate::messages::Spot;
use crate::table;

/// AWS: how long after a purge there is no other, in milliseconds.
const PAUSE: i64 = 60_000;

/// # Errors
/// If there is no such queue, or it has been purged just now.
pub(crate) async fn purge_queue(svc: &Sqs, cx: &Ctx, input: PurgeQueueInput) -> Result<PurgeQueueOutput, AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let (name, mut queue) = table::named(&mut tx, cx, &input.queue_url).await?;
    let now = cx.now();
    if queue.purged.is_some_and(|at| now.0 < at.0 + PAUSE) {
        return Err(purge_in_progress(&name.name));
    }
    // Whoever waits for a message waits on, at what is new.
    tx.touch(Spot::new(name.clone(), queue.clone()).rows.topic());
    let before = std::mem::replace(&mut queue.number, cx.rng.u64());
    queue.purged = Some(now);
    tx.put_row(&name.key(), &queue)?;
    let clear = schedule(&name.account, &name.region, Job::Clear(before), now)?;
    svc.parts.timers.schedule(&mut tx, clear).await?;
    tx.commit().await?;
    Ok(PurgeQueueOutput {})
}
