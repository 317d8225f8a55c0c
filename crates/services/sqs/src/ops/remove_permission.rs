//! `RemovePermission`: takes a statement out of the queue's policy.

use updraft_api_sqs::types::{RemovePermissionInput, RemovePermissionOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Sqs;
use crate::model::permission;
use crate::table;

/// # Errors
/// If there is no such queue, or no such permission.
pub(crate) async fn remove_permission(
    svc: &Sqs,
    cx: &Ctx,
    input: RemovePermissionInput,
) -> Result<RemovePermissionOutput, AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let (name, mut queue) = table::named(&mut tx, cx, &input.queue_url).await?;
    queue.settings.policy = permission::remove(queue.settings.policy.as_deref(), &input.label)?;
    queue.modified = cx.now();
    tx.put_row(&name.key(), &queue)?;
    tx.commit().await?;
    Ok(RemovePermissionOutput {})
}
