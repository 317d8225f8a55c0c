//! `CreateAlias`, and what is asked of aliases whenever they are written.

use updraft_api_lambda::types::{CreateAliasInput, CreateAliasOutput};
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::{StoreExt, Tx};

use crate::Lambda;
use crate::errors::{conflict, invalid_parameter};
use crate::keys::{AliasKey, VersionKey, VersionRow};
use crate::model::alias::{Alias, share};
use crate::model::name::{FunctionId, Target, Version};
use crate::view::alias_configuration;

pub(crate) async fn create_alias(
    svc: &Lambda,
    cx: &Ctx,
    input: CreateAliasInput,
) -> Result<CreateAliasOutput, AwsError> {
    let Target { id, .. } = Target::parse(cx, &input.function_name, None)?;
    let version = named_version(&id, &input.function_version)?;
    let share = input.routing_config.as_ref().map(|routing| share(version, routing)).transpose()?.flatten();
    let description = input.description.unwrap_or_default();
    let alias = Alias { version, description, share, revision: cx.rng.uuid() };
    let mut tx = svc.store.write().await?;
    check_versions(&mut tx, &id, &alias).await?;
    let key = AliasKey(&id, &input.name);
    if tx.row(&key).await?.is_some() {
        return Err(conflict(format!("Alias already exists: {}", id.arn_of(Some(&input.name)))));
    }
    tx.put_row(&key, &alias)?;
    tx.commit().await?;
    Ok(alias_configuration(&id, input.name, alias))
}

/// The version that a request names; the tables have checked its form.
///
/// # Errors
/// If no function can have it.
pub(super) fn named_version(id: &FunctionId, text: &str) -> Result<Version, AwsError> {
    let missing = || Target { id: id.clone(), qualifier: Some(text.to_owned()) }.missing();
    Version::parse(Some(text)).ok_or_else(missing)
}

/// # Errors
/// If one of the alias's versions isn't there, or they don't go together.
pub(super) async fn check_versions(tx: &mut Tx, id: &FunctionId, alias: &Alias) -> Result<(), AwsError> {
    let mut rows = Vec::new();
    for version in alias.versions() {
        let missing = || Target { id: id.clone(), qualifier: Some(version.to_string()) }.missing();
        rows.push(tx.row(&VersionKey(id, version)).await?.ok_or_else(missing)?);
    }
    match &rows[..] {
        [one, other] => check_pair(one, other),
        _ => Ok(()),
    }
}

fn check_pair(one: &VersionRow, other: &VersionRow) -> Result<(), AwsError> {
    if one.config.role != other.config.role {
        return Err(invalid_parameter("Specified versions must be associated with the same execution role"));
    }
    // AWS: refuses it; the words are not recorded.
    if one.config.dead_letter != other.config.dead_letter {
        return Err(invalid_parameter("Specified versions must be associated with the same dead letter queue"));
    }
    Ok(())
}
