//! `AddLayerVersionPermission`, and what operations on policies of layers share.

use updraft_api_lambda::types::{AddLayerVersionPermissionInput, AddLayerVersionPermissionOutput, AddPermissionInput};
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::{StoreExt, Tx};

use crate::errors::{not_found, stale_policy, statement_exists};
use crate::keys::{LayerPolicyKey, LayerVersionKey, PolicyRow};
use crate::model::layer::LayerVersion;
use crate::model::policy::{Statement, document};
use crate::{Lambda, layers};

pub(crate) async fn add_layer_version_permission(
    svc: &Lambda,
    cx: &Ctx,
    input: AddLayerVersionPermissionInput,
) -> Result<AddLayerVersionPermissionOutput, AwsError> {
    let version = LayerVersion::parse(cx, &input.layer_name, input.version_number)?;
    let statement = AddPermissionInput {
        statement_id: input.statement_id,
        action: input.action,
        principal: input.principal,
        principal_org_id: input.organization_id,
        ..AddPermissionInput::default()
    };
    let statement = Statement::new(&statement, cx.region.partition())?;
    let mut tx = svc.store.write().await?;
    let policy = standing(cx, &mut tx, &version, "AddLayerVersionPermission").await?;
    current(input.revision_id.as_deref(), policy.as_ref())?;
    let mut statements = policy.unwrap_or_default().statements;
    if statements.iter().any(|known| known.sid == statement.sid) {
        return Err(statement_exists(&statement.sid));
    }
    let resource = version.arn().to_string();
    let shown = statement.json(&resource).to_string();
    statements.push(statement);
    document(&statements, &resource)?;
    let revision = cx.rng.uuid();
    tx.put_row(&LayerPolicyKey(&version), &PolicyRow { revision: revision.clone(), statements })?;
    tx.commit().await?;
    Ok(AddLayerVersionPermissionOutput { statement: Some(shown), revision_id: Some(revision) })
}

/// The policy on a version that is there and the caller's own.
pub(super) async fn standing(
    cx: &Ctx,
    tx: &mut Tx,
    version: &LayerVersion,
    action: &str,
) -> Result<Option<PolicyRow>, AwsError> {
    layers::own(cx, &version.layer, action)?;
    tx.row(&LayerVersionKey(version)).await?.ok_or_else(|| layers::missing(version))?;
    Ok(tx.row(&LayerPolicyKey(version)).await?)
}

/// Whether the revision that the client knows, if it says one, is the policy's.
pub(super) fn current(given: Option<&str>, policy: Option<&PolicyRow>) -> Result<(), AwsError> {
    match given {
        Some(given) if policy.is_none_or(|policy| policy.revision != given) => Err(stale_policy("GetLayerPolicy")),
        _ => Ok(()),
    }
}

pub(super) fn no_policy() -> AwsError {
    not_found("No policy is associated with the given resource.")
}
