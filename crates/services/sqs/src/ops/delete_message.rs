//! `DeleteMessage`: what was received, by its receipt handle.

use updraft_api_sqs::types::{DeleteMessageInput, DeleteMessageOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::messages::Spot;
use crate::model::receipt::Receipt;
use crate::refusals::no_receipt;
use crate::{Sqs, table};

/// # Errors
/// If there is no such queue, or the handle is none; of FIFO queues also if its time has passed.
pub(crate) async fn delete_message(
    svc: &Sqs,
    cx: &Ctx,
    input: DeleteMessageInput,
) -> Result<DeleteMessageOutput, AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let (name, queue) = table::named(&mut tx, cx, &input.queue_url).await?;
    let handle = input.receipt_handle;
    let receipt = Receipt::parse(&handle).ok_or_else(|| no_receipt(&handle))?;
    let results = svc.discard(tx, &Spot::new(name, queue), &[(receipt, handle)], cx.now()).await?;
    results.into_iter().collect::<Result<(), _>>()?;
    Ok(DeleteMessageOutput {})
}
