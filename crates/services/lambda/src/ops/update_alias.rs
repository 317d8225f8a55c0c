//! `UpdateAlias`.

use updraft_api_lambda::types::{UpdateAliasInput, UpdateAliasOutput};
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::{StoreExt, Tx};

use super::create_alias::{check_versions, named_version};
use super::matches;
use super::put_provisioned_concurrency_config::{provisioned_already, provisioned_elsewhere, unpublished};
use crate::keys::{AliasKey, ProvisionedKey};
use crate::model::alias::{Alias, fits, share};
use crate::model::name::{FunctionId, Target, Version};
use crate::view::alias_configuration;
use crate::{Lambda, ahead};

pub(crate) async fn update_alias(
    svc: &Lambda,
    cx: &Ctx,
    input: UpdateAliasInput,
) -> Result<UpdateAliasOutput, AwsError> {
    let Target { id, .. } = Target::parse(cx, &input.function_name, None)?;
    let target = Target { id, qualifier: Some(input.name.clone()) };
    let key = AliasKey(&target.id, &input.name);
    let mut tx = svc.store.write().await?;
    let before = tx.row(&key).await?.ok_or_else(|| target.no_alias())?;
    matches(input.revision_id.as_deref(), &[&before.revision])?;
    // AWS: its revision changes even if nothing else does (recorded: `test_alias_lifecycle`).
    let alias = Alias { revision: cx.rng.uuid(), ..changed(&target.id, before, &input)? };
    check_versions(&mut tx, &target.id, &alias).await?;
    check_provisioned(&mut tx, &target.id, (&input.name, &alias)).await?;
    tx.put_row(&key, &alias)?;
    ahead::work_out(&mut tx, &target.id).await?;
    tx.commit().await?;
    Ok(alias_configuration(&target.id, input.name, alias))
}

/// An alias whose instances are started ahead takes them along.
async fn check_provisioned(tx: &mut Tx, id: &FunctionId, (name, alias): (&str, &Alias)) -> Result<(), AwsError> {
    if tx.row(&ProvisionedKey(id, name)).await?.is_none() {
        return Ok(());
    }
    if alias.version == Version::LATEST {
        return Err(unpublished());
    }
    for version in alias.versions() {
        if provisioned_elsewhere(tx, id, (version, name)).await?.is_some() {
            return Err(provisioned_already());
        }
    }
    Ok(())
}

fn changed(id: &FunctionId, before: Alias, input: &UpdateAliasInput) -> Result<Alias, AwsError> {
    let mut alias = before;
    if let Some(version) = &input.function_version {
        alias.version = named_version(id, version)?;
    }
    if let Some(description) = &input.description {
        alias.description.clone_from(description);
    }
    match &input.routing_config {
        Some(routing) => alias.share = share(alias.version, routing)?,
        None => alias.share.map_or(Ok(()), |share| fits(alias.version, share))?,
    }
    Ok(alias)
}
