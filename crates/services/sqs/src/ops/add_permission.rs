//! `AddPermission`: writes a statement into the queue's policy.

use updraft_api_sqs::types::{AddPermissionInput, AddPermissionOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Sqs;
use crate::model::permission::Permission;
use crate::table;

/// # Errors
/// If there is no such queue, or the permission is none or there already.
pub(crate) async fn add_permission(
    svc: &Sqs,
    cx: &Ctx,
    input: AddPermissionInput,
) -> Result<AddPermissionOutput, AwsError> {
    let AddPermissionInput { queue_url, label, aws_account_ids, actions } = input;
    let permission = Permission { label: &label, accounts: &aws_account_ids, actions: &actions };
    let mut tx = svc.parts.store.write().await?;
    let (name, mut queue) = table::named(&mut tx, cx, &queue_url).await?;
    permission.check()?;
    let policy = permission.add(queue.settings.policy.as_deref(), &name.arn())?;
    queue.settings.policy = Some(policy);
    queue.modified = cx.now();
    tx.put_row(&name.key(), &queue)?;
    tx.commit().await?;
    Ok(AddPermissionOutput {})
}
