//! `ChangeMessageVisibilityBatch`: up to ten messages in flight. Each can fail by itself.

use updraft_api_sqs::types::{
    ChangeMessageVisibilityBatchInput, ChangeMessageVisibilityBatchOutput, ChangeMessageVisibilityBatchRequestEntry,
    ChangeMessageVisibilityBatchResultEntry,
};
use updraft_kernel::{AwsError, Ctx, UnixMillis};
use updraft_store::{StoreExt, Tx};

use crate::messages::{Change, Changed, Spot};
use crate::model::batch::{check_ids, failed};
use crate::refusals::missing;
use crate::{Sqs, table};

/// # Errors
/// If there is no such queue, or the batch is none that could be taken.
pub(crate) async fn change_message_visibility_batch(
    svc: &Sqs,
    cx: &Ctx,
    input: ChangeMessageVisibilityBatchInput,
) -> Result<ChangeMessageVisibilityBatchOutput, AwsError> {
    let ids = input.entries.iter().map(|entry| entry.id.as_str());
    check_ids("ChangeMessageVisibilityBatchRequestEntry", ids)?;
    let mut tx = svc.parts.store.write().await?;
    let (name, queue) = table::named(&mut tx, cx, &input.queue_url).await?;
    let (spot, now) = (Spot::new(name, queue), cx.now());
    let mut out = ChangeMessageVisibilityBatchOutput::default();
    let mut moved = Vec::new();
    for entry in input.entries {
        let id = entry.id.clone();
        match change(&mut tx, &spot, entry, now).await {
            Ok(changed) => {
                if let Changed::Yes(one) = changed {
                    moved.push(one);
                }
                out.successful.push(ChangeMessageVisibilityBatchResultEntry { id });
            }
            Err(error) if error.code().status < 500 => out.failed.push(failed(id, &error)),
            Err(error) => return Err(error),
        }
    }
    if !moved.is_empty() {
        tx.commit().await?;
        svc.changed(&spot, &moved);
    }
    Ok(out)
}

async fn change(
    tx: &mut Tx,
    spot: &Spot,
    entry: ChangeMessageVisibilityBatchRequestEntry,
    now: UnixMillis,
) -> Result<Changed, AwsError> {
    let seconds = entry.visibility_timeout.ok_or_else(|| missing("VisibilityTimeout"))?;
    spot.change(tx, &Change::read(entry.receipt_handle, seconds)?, now).await
}
