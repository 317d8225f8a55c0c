//! `ChangeMessageVisibility`: when a message in flight can be seen again, from now on.

use updraft_api_sqs::types::{ChangeMessageVisibilityInput, ChangeMessageVisibilityOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::messages::{Change, Changed, Spot};
use crate::{Sqs, table};

/// # Errors
/// If there is no such queue or message, or it can't be.
pub(crate) async fn change_message_visibility(
    svc: &Sqs,
    cx: &Ctx,
    input: ChangeMessageVisibilityInput,
) -> Result<ChangeMessageVisibilityOutput, AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let (name, queue) = table::named(&mut tx, cx, &input.queue_url).await?;
    let change = Change::read(input.receipt_handle, input.visibility_timeout)?;
    let spot = Spot::new(name, queue);
    if let Changed::Yes(moved) = spot.change(&mut tx, &change, cx.now()).await? {
        tx.commit().await?;
        svc.changed(&spot, &[moved]);
    }
    Ok(ChangeMessageVisibilityOutput {})
}
