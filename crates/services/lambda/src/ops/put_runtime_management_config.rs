//! `PutRuntimeManagementConfig`.

use updraft_api_lambda::types::{PutRuntimeManagementConfigInput, PutRuntimeManagementConfigOutput, UpdateRuntimeOn};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{StoreExt, Tx};

use crate::errors::invalid_parameter;
use crate::keys::{RuntimeUpdates, RuntimeUpdatesKey, VersionKey, VersionRow};
use crate::model::name::{Target, Version};
use crate::table::alias_of;
use crate::view::runtime_version;
use crate::{Lambda, table};

pub(crate) async fn put_runtime_management_config(
    svc: &Lambda,
    cx: &Ctx,
    input: PutRuntimeManagementConfigInput,
) -> Result<PutRuntimeManagementConfigOutput, AwsError> {
    let target = Target::parse(cx, &input.function_name, input.qualifier.as_deref())?;
    let mut tx = svc.store.write().await?;
    let (version, row) = version_of(&mut tx, &target).await?;
    let build = runtime_version(&row.config.runtime, &target.id.region);
    let (key, arn) = (RuntimeUpdatesKey(&target.id, version), input.runtime_version_arn.as_deref());
    let mut pinned = None;
    match input.update_runtime_on {
        UpdateRuntimeOn::Manual => {
            check_build(arn, &build)?;
            tx.put_row(&key, &RuntimeUpdates::Manual)?;
            pinned = Some(build);
        }
        UpdateRuntimeOn::FunctionUpdate => tx.put_row(&key, &RuntimeUpdates::FunctionUpdate)?,
        _ => tx.delete_row(&key),
    }
    tx.commit().await?;
    Ok(PutRuntimeManagementConfigOutput {
        update_runtime_on: input.update_runtime_on,
        function_arn: target.id.arn_of(Some(&version.to_string())).to_string(),
        runtime_version_arn: pinned,
    })
}

/// The version that is named by itself: aliases have no runtime.
///
/// # Errors
/// If there is none.
pub(super) async fn version_of(tx: &mut Tx, target: &Target) -> Result<(Version, VersionRow), AwsError> {
    table::function(tx, target).await?;
    if alias_of(target).is_some() {
        return Err(invalid_parameter("The function resource provided must be $LATEST or a published version."));
    }
    let version = target.version().unwrap_or(Version::LATEST);
    let row = tx.row(&VersionKey(&target.id, version)).await?.ok_or_else(|| target.missing())?;
    Ok((version, row))
}

/// There is one build of each runtime: the one on this machine.
fn check_build(asked: Option<&str>, build: &str) -> Result<(), AwsError> {
    match asked {
        Some(asked) if asked == build => Ok(()),
        Some(asked) => {
            Err(invalid_parameter(format!("Runtime version not found: {asked}. The function's is {build}.")))
        }
        None => Err(invalid_parameter("RuntimeVersionArn is required where UpdateRuntimeOn is Manual.")),
    }
}
