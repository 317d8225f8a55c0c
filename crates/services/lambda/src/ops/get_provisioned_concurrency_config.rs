//! `GetProvisionedConcurrencyConfig`.

use updraft_api_lambda::types::{GetProvisionedConcurrencyConfigInput, GetProvisionedConcurrencyConfigOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{StoreExt, Tx};

use crate::Lambda;
use crate::errors::{invalid_parameter, provisioning_not_found};
use crate::keys::{AliasKey, ProvisionedKey, VersionKey};
use crate::model::name::{Target, Version};
use crate::table::alias_of;
use crate::view::provisioned_at;

pub(crate) async fn get_provisioned_concurrency_config(
    svc: &Lambda,
    cx: &Ctx,
    input: GetProvisionedConcurrencyConfigInput,
) -> Result<GetProvisionedConcurrencyConfigOutput, AwsError> {
    let target = Target::parse(cx, &input.function_name, Some(&input.qualifier))?;
    let mut tx = svc.store.read().await?;
    exists(&mut tx, &target).await?;
    let found = tx.row(&ProvisionedKey(&target.id, &input.qualifier)).await?;
    let provisioning = found.ok_or_else(provisioning_not_found)?;
    let progress = svc.progress(&mut tx, &target, provisioning.count).await?;
    Ok(GetProvisionedConcurrencyConfigOutput {
        requested_provisioned_concurrent_executions: i32::try_from(progress.requested).ok(),
        allocated_provisioned_concurrent_executions: i32::try_from(progress.allocated).ok(),
        available_provisioned_concurrent_executions: i32::try_from(progress.available).ok(),
        status: Some(progress.status()),
        status_reason: progress.failed,
        last_modified: Some(provisioned_at(provisioning.modified)),
    })
}

/// # Errors
/// If there is no such alias or version, or it is `$LATEST`.
pub(super) async fn exists(tx: &mut Tx, target: &Target) -> Result<(), AwsError> {
    if let Some(alias) = alias_of(target) {
        return tx.row(&AliasKey(&target.id, alias)).await?.map(drop).ok_or_else(|| target.no_alias());
    }
    let version = target.version().unwrap_or(Version::LATEST);
    if version == Version::LATEST {
        return Err(invalid_parameter("The function resource provided must be an alias or a published version."));
    }
    tx.row(&VersionKey(&target.id, version)).await?.map(drop).ok_or_else(|| target.missing())
}
