//! `GetLayerVersionPolicy`.

use updraft_api_lambda::types::{GetLayerVersionPolicyInput, GetLayerVersionPolicyOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::add_layer_version_permission::{no_policy, standing};
use crate::Lambda;
use crate::model::layer::LayerVersion;
use crate::model::policy::document;

pub(crate) async fn get_layer_version_policy(
    svc: &Lambda,
    cx: &Ctx,
    input: GetLayerVersionPolicyInput,
) -> Result<GetLayerVersionPolicyOutput, AwsError> {
    let version = LayerVersion::parse(cx, &input.layer_name, input.version_number)?;
    let mut tx = svc.store.read().await?;
    let policy = standing(cx, &mut tx, &version, "GetLayerVersionPolicy").await?.ok_or_else(no_policy)?;
    let document = document(&policy.statements, &version.arn().to_string())?;
    Ok(GetLayerVersionPolicyOutput { policy: Some(document), revision_id: Some(policy.revision) })
}
