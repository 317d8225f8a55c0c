//! `CreateCodeSigningConfig`.

use std::collections::BTreeMap;

use updraft_api_lambda::types::{CodeSigningPolicy, CreateCodeSigningConfigInput, CreateCodeSigningConfigOutput};
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::StoreExt;

use crate::Lambda;
use crate::keys::{SigningKey, SigningRow};
use crate::model::tags;
use crate::view::signing::config;

/// AWS: `csc-` and so many letters and digits.
const ID: usize = 17;

pub(crate) async fn create_code_signing_config(
    svc: &Lambda,
    cx: &Ctx,
    input: CreateCodeSigningConfigInput,
) -> Result<CreateCodeSigningConfigOutput, AwsError> {
    let mut given = BTreeMap::new();
    tags::add(&mut given, input.tags.unwrap_or_default())?;
    let policy = input.code_signing_policies.and_then(|policies| policies.untrusted_artifact_on_deployment);
    let row = SigningRow {
        description: input.description.unwrap_or_default(),
        publishers: input.allowed_publishers.signing_profile_version_arns,
        enforced: policy == Some(CodeSigningPolicy::Enforce),
        modified: cx.now(),
        tags: given,
    };
    let id = format!("csc-{}", cx.rng.text("0123456789abcdef", ID));
    let mut tx = svc.store.write().await?;
    tx.put_row(&SigningKey(&cx.account, &cx.region, &id), &row)?;
    tx.commit().await?;
    Ok(CreateCodeSigningConfigOutput { code_signing_config: config(cx, &id, &row) })
}
