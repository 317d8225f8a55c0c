//! `DeleteResourcePolicy`.

use updraft_api_lambda::types::{DeleteResourcePolicyInput, DeleteResourcePolicyOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::add_permission::{standing, write};
use super::get_resource_policy::{current, no_policy, target};
use crate::policies::Policy;
use crate::{Lambda, policies};

pub(crate) async fn delete_resource_policy(
    svc: &Lambda,
    cx: &Ctx,
    input: DeleteResourcePolicyInput,
) -> Result<DeleteResourcePolicyOutput, AwsError> {
    let target = target(cx, &input.resource_arn)?;
    let mut tx = svc.store.write().await?;
    let policy = policies::read(&mut tx, &target).await?.ok_or_else(no_policy)?;
    current(input.revision_id.as_deref(), Some(&policy))?;
    let standing = standing(&mut tx, &target).await?;
    write(cx, &mut tx, &target, Policy::default(), standing)?;
    tx.commit().await?;
    Ok(DeleteResourcePolicyOutput {})
}
