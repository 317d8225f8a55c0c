//! `RemovePermission`.

use updraft_api_lambda::types::{RemovePermissionInput, RemovePermissionOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::add_permission::{known, standing, write};
use crate::errors::{no_statement, not_found};
use crate::keys::FunctionKey;
use crate::model::name::Target;
use crate::{Lambda, policies};

pub(crate) async fn remove_permission(
    svc: &Lambda,
    cx: &Ctx,
    input: RemovePermissionInput,
) -> Result<RemovePermissionOutput, AwsError> {
    let target = Target::parse(cx, &input.function_name, input.qualifier.as_deref())?;
    let mut tx = svc.store.write().await?;
    if tx.row(&FunctionKey(&target.id)).await?.is_none() {
        return Err(not_found(format!("No policy found for: {}", target.id.arn())));
    }
    let standing = standing(&mut tx, &target).await?;
    let none = || not_found("No policy is associated with the given resource.");
    let mut policy = policies::read(&mut tx, &target).await?.ok_or_else(none)?;
    if !policy.remove(&input.statement_id) {
        return Err(no_statement(&input.statement_id));
    }
    known(input.revision_id.as_deref(), &standing, &policy)?;
    write(cx, &mut tx, &target, policy, standing)?;
    tx.commit().await?;
    Ok(RemovePermissionOutput {})
}
