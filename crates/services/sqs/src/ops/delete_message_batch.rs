//! `DeleteMessageBatch`: up to ten messages that were received. Each can fail by itself.

use updraft_api_sqs::types::{DeleteMessageBatchInput, DeleteMessageBatchOutput, DeleteMessageBatchResultEntry};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::messages::Spot;
use crate::model::batch::{check_ids, failed};
use crate::model::receipt::Receipt;
use crate::refusals::no_receipt;
use crate::{Sqs, table};

/// # Errors
/// If there is no such queue, or the batch is none that could be taken.
pub(crate) async fn delete_message_batch(
    svc: &Sqs,
    cx: &Ctx,
    input: DeleteMessageBatchInput,
) -> Result<DeleteMessageBatchOutput, AwsError> {
    check_ids("DeleteMessageBatchRequestEntry", input.entries.iter().map(|entry| entry.id.as_str()))?;
    let mut tx = svc.parts.store.write().await?;
    let (name, queue) = table::named(&mut tx, cx, &input.queue_url).await?;
    let mut out = DeleteMessageBatchOutput::default();
    let (mut ids, mut receipts) = (Vec::new(), Vec::new());
    for entry in input.entries {
        match Receipt::parse(&entry.receipt_handle) {
            Some(receipt) => {
                ids.push(entry.id);
                receipts.push((receipt, entry.receipt_handle));
            }
            None => out.failed.push(failed(entry.id, &no_receipt(&entry.receipt_handle))),
        }
    }
    let results = svc.discard(tx, &Spot::new(name, queue), &receipts, cx.now()).await?;
    for (id, result) in ids.into_iter().zip(results) {
        match result {
            Ok(()) => out.successful.push(DeleteMessageBatchResultEntry { id }),
            Err(error) => out.failed.push(failed(id, &error)),
        }
    }
    Ok(out)
}
