//! `RemoveLayerVersionPermission`.

use updraft_api_lambda::types::{RemoveLayerVersionPermissionInput, RemoveLayerVersionPermissionOutput};
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::StoreExt;

use super::add_layer_version_permission::{current, no_policy, standing};
use crate::Lambda;
use crate::errors::no_statement;
use crate::keys::LayerPolicyKey;
use crate::model::layer::LayerVersion;

pub(crate) async fn remove_layer_version_permission(
    svc: &Lambda,
    cx: &Ctx,
    input: RemoveLayerVersionPermissionInput,
) -> Result<RemoveLayerVersionPermissionOutput, AwsError> {
    let version = LayerVersion::parse(cx, &input.layer_name, input.version_number)?;
    let mut tx = svc.store.write().await?;
    let policy = standing(cx, &mut tx, &version, "RemoveLayerVersionPermission").await?;
    let mut policy = policy.ok_or_else(no_policy)?;
    current(input.revision_id.as_deref(), Some(&policy))?;
    let known = policy.statements.len();
    policy.statements.retain(|statement| statement.sid != input.statement_id);
    if policy.statements.len() == known {
        return Err(no_statement(&input.statement_id));
    }
    if policy.statements.is_empty() {
        tx.delete_row(&LayerPolicyKey(&version));
    } else {
        policy.revision = cx.rng.uuid();
        tx.put_row(&LayerPolicyKey(&version), &policy)?;
    }
    tx.commit().await?;
    Ok(RemoveLayerVersionPermissionOutput {})
}
