//! `UpdateCodeSigningConfig`.

use updraft_api_lambda::types::{CodeSigningPolicy, UpdateCodeSigningConfigInput, UpdateCodeSigningConfigOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::keys::SigningKey;
use crate::view::signing::config;
use crate::{Lambda, signing};

pub(crate) async fn update_code_signing_config(
    svc: &Lambda,
    cx: &Ctx,
    input: UpdateCodeSigningConfigInput,
) -> Result<UpdateCodeSigningConfigOutput, AwsError> {
    let mut tx = svc.store.write().await?;
    let (id, before) = signing::find(cx, &mut tx, &input.code_signing_config_arn).await?;
    let mut row = before.clone();
    if let Some(description) = input.description {
        row.description = description;
    }
    if let Some(publishers) = input.allowed_publishers {
        row.publishers = publishers.signing_profile_version_arns;
    }
    if let Some(policy) = input.code_signing_policies.and_then(|policies| policies.untrusted_artifact_on_deployment) {
        row.enforced = policy == CodeSigningPolicy::Enforce;
    }
    if row != before {
        row.modified = cx.now();
        tx.put_row(&SigningKey(&cx.account, &cx.region, id), &row)?;
        tx.commit().await?;
    }
    Ok(UpdateCodeSigningConfigOutput { code_signing_config: config(cx, id, &row) })
}
