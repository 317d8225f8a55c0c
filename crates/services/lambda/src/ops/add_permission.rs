//! `AddPermission`, and where policies stand.

use updraft_api_lambda::types::{AddPermissionInput, AddPermissionOutput};
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::{StoreExt, Tx};

use super::matches;
use crate::errors::{conflict, invalid_parameter, not_found};
use crate::keys::{PolicyKey, PolicyRow, VersionKey, VersionRow};
use crate::model::name::{LATEST, Target, Version};
use crate::model::policy::{Statement, document};
use crate::{Lambda, table};

pub(crate) async fn add_permission(
    svc: &Lambda,
    cx: &Ctx,
    input: AddPermissionInput,
) -> Result<AddPermissionOutput, AwsError> {
    let target = Target::parse(cx, &input.function_name, input.qualifier.as_deref())?;
    let statement = Statement::new(&input, cx.region.partition())?;
    let mut tx = svc.store.write().await?;
    table::function(&mut tx, &Target { qualifier: None, ..target.clone() }).await?;
    if target.qualifier.as_deref() == Some(LATEST) {
        return Err(invalid_parameter("We currently do not support adding policies for $LATEST."));
    }
    let version = standing(&mut tx, &target).await?;
    let mut policy = read(&mut tx, &target).await?.unwrap_or_default();
    if policy.statements.iter().any(|known| known.sid == statement.sid) {
        return Err(conflict(format!(
            "The statement id ({}) provided already exists. Please provide a new statement id, or remove the existing \
             statement.",
            statement.sid
        )));
    }
    matches(input.revision_id.as_deref(), &[&version.revision, &policy.revision])?;
    let resource = target.arn().to_string();
    let shown = statement.json(&resource).to_string();
    policy.statements.push(statement);
    document(&policy.statements, &resource)?;
    write(cx, &mut tx, &target, policy, version)?;
    tx.commit().await?;
    Ok(AddPermissionOutput { statement: Some(shown) })
}

/// The version that a policy stands on; a policy without a qualifier stands on `$LATEST`.
pub(super) async fn standing(tx: &mut Tx, target: &Target) -> Result<VersionRow, AwsError> {
    let version = target.version().ok_or_else(|| no_alias(target))?;
    tx.row(&VersionKey(&target.id, version)).await?.ok_or_else(|| target.missing())
}

/// AWS: what could be an alias is missed as one; what couldn't (it holds a `$`) as a function.
fn no_alias(target: &Target) -> AwsError {
    if target.qualifier.as_deref().is_some_and(|qualifier| qualifier.contains('$')) {
        return target.missing();
    }
    not_found(format!("Cannot find alias arn: {}", target.arn()))
}

pub(super) async fn read(tx: &mut Tx, target: &Target) -> Result<Option<PolicyRow>, AwsError> {
    Ok(tx.row(&PolicyKey(&target.id, target.qualifier.as_deref())).await?)
}

/// Writes the policy, or removes it if it is empty. It and what it stands on get the same new revision, as on AWS.
pub(super) fn write(
    cx: &Ctx,
    tx: &mut Tx,
    target: &Target,
    policy: PolicyRow,
    version: VersionRow,
) -> Result<(), AwsError> {
    let revision = cx.rng.uuid();
    let key = PolicyKey(&target.id, target.qualifier.as_deref());
    if policy.statements.is_empty() {
        tx.delete_row(&key);
    } else {
        tx.put_row(&key, &PolicyRow { revision: revision.clone(), ..policy })?;
    }
    let number = target.version().unwrap_or(Version::LATEST);
    tx.put_row(&VersionKey(&target.id, number), &VersionRow { revision, ..version })?;
    Ok(())
}
