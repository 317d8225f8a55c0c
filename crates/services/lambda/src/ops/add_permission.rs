//! `AddPermission`, and where policies stand.

use updraft_api_lambda::types::{AddPermissionInput, AddPermissionOutput};
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::{StoreExt, Tx};

use super::matches;
use crate::errors::{invalid_parameter, stale_policy, statement_exists};
use crate::keys::{AliasKey, VersionKey, VersionRow};
use crate::model::name::{LATEST, Target, Version};
use crate::model::policy::Statement;
use crate::policies::Policy;
use crate::{Lambda, policies, table};

pub(crate) async fn add_permission(
    svc: &Lambda,
    cx: &Ctx,
    input: AddPermissionInput,
) -> Result<AddPermissionOutput, AwsError> {
    let target = Target::parse(cx, &input.function_name, input.qualifier.as_deref())?;
    let statement = Statement::new(&input, cx.region.partition())?;
    let mut tx = svc.store.write().await?;
    table::function(&mut tx, &target.clone().unqualified()).await?;
    if target.qualifier.as_deref() == Some(LATEST) {
        return Err(invalid_parameter("We currently do not support adding policies for $LATEST."));
    }
    let standing = standing(&mut tx, &target).await?;
    let mut policy = policies::read(&mut tx, &target).await?.unwrap_or_default();
    if policy.has(&statement.sid) {
        return Err(statement_exists(&statement.sid));
    }
    known(input.revision_id.as_deref(), &standing, &policy)?;
    let resource = target.arn().to_string();
    let shown = statement.json(&resource).to_string();
    policy.granted.push(statement);
    policy.document(&resource)?;
    write(cx, &mut tx, &target, policy, standing)?;
    tx.commit().await?;
    Ok(AddPermissionOutput { statement: Some(shown) })
}

/// What a policy stands on; one without a qualifier stands on `$LATEST`.
pub(super) enum Standing {
    Version(Version, Box<VersionRow>),
    Alias,
}

pub(super) async fn standing(tx: &mut Tx, target: &Target) -> Result<Standing, AwsError> {
    let Some(version) = target.version() else {
        let name = target.qualifier.as_deref().unwrap_or_default();
        // AWS: what could be an alias is missed as one; what couldn't (it holds a `$`) as a function.
        let missing = || if name.contains('$') { target.missing() } else { target.no_alias() };
        return tx.row(&AliasKey(&target.id, name)).await?.map(|_| Standing::Alias).ok_or_else(missing);
    };
    let row = tx.row(&VersionKey(&target.id, version)).await?.ok_or_else(|| target.missing())?;
    Ok(Standing::Version(version, Box::new(row)))
}

/// Whether the revision that the client knows, if it says one, is current.
pub(super) fn known(given: Option<&str>, standing: &Standing, policy: &Policy) -> Result<(), AwsError> {
    match standing {
        Standing::Version(_, row) => matches(given, &[&row.revision, &policy.revision]),
        // AWS: an alias's own revision is none of its policy's.
        Standing::Alias => matches(given, &[&policy.revision]).map_err(|_| stale_policy("GetPolicy")),
    }
}

/// Writes the policy, or removes it if it is empty. It and the version it stands on get the same new revision, which
/// this returns, as on AWS.
pub(super) fn write(
    cx: &Ctx,
    tx: &mut Tx,
    target: &Target,
    policy: Policy,
    standing: Standing,
) -> Result<String, AwsError> {
    let revision = cx.rng.uuid();
    policies::write(tx, target, Policy { revision: revision.clone(), ..policy })?;
    if let Standing::Version(version, row) = standing {
        tx.put_row(&VersionKey(&target.id, version), &VersionRow { revision: revision.clone(), ..*row })?;
    }
    Ok(revision)
}
