//! `PutProvisionedConcurrencyConfig`, and which versions and aliases may have one.

use updraft_api_lambda::types::{PutProvisionedConcurrencyConfigInput, PutProvisionedConcurrencyConfigOutput};
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::{StoreExt, Tx};

use super::put_function_concurrency::{UNRESERVED, unreserved};
use crate::ahead::{self, versions_of};
use crate::errors::{conflict, invalid_parameter};
use crate::keys::{AliasKey, FunctionRow, ProvisionedKey, VersionKey, VersionRow};
use crate::model::name::{FunctionId, Target, Version};
use crate::model::provisioned::{Progress, Provisioning};
use crate::model::snap_start;
use crate::table::{alias_of, second_name};
use crate::view::provisioned_at;
use crate::{Lambda, table};

pub(crate) async fn put_provisioned_concurrency_config(
    svc: &Lambda,
    cx: &Ctx,
    input: PutProvisionedConcurrencyConfigInput,
) -> Result<PutProvisionedConcurrencyConfigOutput, AwsError> {
    let target = Target::parse(cx, &input.function_name, Some(&input.qualifier))?;
    // The tables have checked that there is at least one.
    let count = input.provisioned_concurrent_executions.unsigned_abs();
    let mut tx = svc.store.write().await?;
    let function = table::function(&mut tx, &target.clone().unqualified()).await?;
    let version = provisionable(&mut tx, &target).await?;
    let key = ProvisionedKey(&target.id, &input.qualifier);
    let before = tx.row(&key).await?.map_or(0, |before| before.count);
    check_room(&mut tx, &target.id, &function, (before, count)).await?;
    let so_far = svc.progress(&mut tx, &target, before).await?;

    let provisioning = Provisioning { count, modified: cx.now() };
    tx.put_row(&key, &provisioning)?;
    ahead::work_out(&mut tx, &target.id).await?;
    touch(cx, &mut tx, &target.id, version).await?;
    tx.commit().await?;
    let progress = Progress { requested: count, ..so_far };
    Ok(PutProvisionedConcurrencyConfigOutput {
        requested_provisioned_concurrent_executions: i32::try_from(progress.requested).ok(),
        allocated_provisioned_concurrent_executions: i32::try_from(progress.allocated).ok(),
        available_provisioned_concurrent_executions: i32::try_from(progress.available).ok(),
        // AWS: always, at first.
        status: Some(updraft_api_lambda::types::ProvisionedConcurrencyStatusEnum::InProgress),
        status_reason: None,
        last_modified: Some(provisioned_at(provisioning.modified)),
    })
}

pub(super) fn unpublished() -> AwsError {
    invalid_parameter("Provisioned Concurrency Configs cannot be applied to unpublished function versions.")
}

pub(super) fn provisioned_already() -> AwsError {
    let text = "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version";
    conflict(text)
}

/// The version whose instances are meant.
///
/// # Errors
/// If there is none, or it can't have such instances.
async fn provisionable(tx: &mut Tx, target: &Target) -> Result<Version, AwsError> {
    let named = target.qualifier.as_deref().unwrap_or_default();
    let (version, aliased) = match alias_of(target) {
        None => (target.version().unwrap_or(Version::LATEST), false),
        Some(name) => {
            let alias = tx.row(&AliasKey(&target.id, name)).await?.ok_or_else(|| target.no_alias())?;
            if alias.share.is_some() {
                return Err(invalid_parameter("Alias with weights can not be used with Provisioned Concurrency"));
            }
            (alias.version, true)
        }
    };
    if version == Version::LATEST {
        return Err(unpublished());
    }
    let row = tx.row(&VersionKey(&target.id, version)).await?.ok_or_else(|| target.missing())?;
    if row.config.snap_start {
        // AWS: refuses it; these are not known to be its words.
        return Err(snap_start::unsupported("Provisioned Concurrency"));
    }
    match provisioned_elsewhere(tx, &target.id, (version, named)).await? {
        None => Ok(version),
        Some(_) if aliased => Err(provisioned_already()),
        Some(_) => Err(conflict("Version is pointed by a Provisioned Concurrency alias")),
    }
}

/// By which other qualifier than `named` the version's instances are started ahead already.
pub(super) async fn provisioned_elsewhere(
    tx: &mut Tx,
    id: &FunctionId,
    (version, named): (Version, &str),
) -> Result<Option<String>, AwsError> {
    for (key, provisioning) in table::all::<ProvisionedKey<'_>>(tx, ProvisionedKey::of(id)).await? {
        let qualifier = second_name(&key)?;
        let versions = versions_of(tx, id, (&qualifier, provisioning.count)).await?;
        if qualifier != named && versions.iter().any(|(one, _)| *one == version) {
            return Ok(Some(qualifier));
        }
    }
    Ok(None)
}

/// Whether there is room for `count` instances in place of `before`.
async fn check_room(
    tx: &mut Tx,
    id: &FunctionId,
    function: &FunctionRow,
    (before, count): (u32, u32),
) -> Result<(), AwsError> {
    let all = function.all_ahead().saturating_sub(before).saturating_add(count);
    if let Some(reserved) = function.reserved {
        let text =
            "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function";
        return if all > reserved { Err(invalid_parameter(text)) } else { Ok(()) };
    }
    let free = unreserved(tx, id).await?;
    if all > free {
        return Err(invalid_parameter(format!(
            "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [{free}]."
        )));
    }
    if free - all < UNRESERVED {
        return Err(invalid_parameter(format!(
            "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its \
             minimum value of [{UNRESERVED}]."
        )));
    }
    Ok(())
}

/// AWS: the version gets a new revision (recorded: `test_lambda_provisioned_concurrency_moves_with_alias`).
async fn touch(cx: &Ctx, tx: &mut Tx, id: &FunctionId, version: Version) -> Result<(), AwsError> {
    let key = VersionKey(id, version);
    if let Some(row) = tx.row(&key).await? {
        tx.put_row(&key, &VersionRow { revision: cx.rng.uuid(), ..row })?;
    }
    Ok(())
}

impl Lambda {
    /// How far the instances have come that are started ahead by this qualifier.
    pub(super) async fn progress(&self, tx: &mut Tx, target: &Target, count: u32) -> Result<Progress, AwsError> {
        let qualifier = target.qualifier.as_deref().unwrap_or_default();
        let mut parts = Vec::new();
        for (version, part) in versions_of(tx, &target.id, (qualifier, count)).await? {
            let of = Target { id: target.id.clone(), qualifier: Some(version.to_string()) };
            let prepared = self.prepare(tx, &of).await?;
            parts.push((part, self.runner.provisioned(&prepared.spec)));
        }
        Ok(Progress::of(count, &parts))
    }
}
