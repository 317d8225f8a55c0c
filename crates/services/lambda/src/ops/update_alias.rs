//! `UpdateAlias`.

use updraft_api_lambda::types::{UpdateAliasInput, UpdateAliasOutput};
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::StoreExt;

use super::create_alias::{check_versions, named_version};
use super::matches;
use crate::Lambda;
use crate::keys::AliasKey;
use crate::model::alias::{Alias, fits, share};
use crate::model::name::{FunctionId, Target};
use crate::view::alias_configuration;

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
    tx.put_row(&key, &alias)?;
    tx.commit().await?;
    Ok(alias_configuration(&target.id, input.name, alias))
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
