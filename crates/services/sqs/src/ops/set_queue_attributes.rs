//! `SetQueueAttributes`: changes the attributes that it names.

use updraft_api_sqs::types::{SetQueueAttributesInput, SetQueueAttributesOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Sqs;
use crate::table;

/// # Errors
/// If there is no such queue, or an attribute can't be set so.
pub(crate) async fn set_queue_attributes(
    svc: &Sqs,
    cx: &Ctx,
    input: SetQueueAttributesInput,
) -> Result<SetQueueAttributesOutput, AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let (name, mut queue) = table::named(&mut tx, cx, &input.queue_url).await?;
    queue.settings.change(&input.attributes)?;
    let settings = &queue.settings;
    if let Some(redrive) = settings.redrive.as_ref().filter(|_| input.attributes.contains_key("RedrivePolicy")) {
        table::check_redrive(&mut tx, &name, settings.fifo.is_some(), redrive).await?;
    }
    queue.modified = cx.now();
    tx.put_row(&name.key(), &queue)?;
    tx.commit().await?;
    Ok(SetQueueAttributesOutput {})
}
