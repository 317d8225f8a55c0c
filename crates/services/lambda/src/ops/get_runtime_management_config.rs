//! `GetRuntimeManagementConfig`.

use updraft_api_lambda::types::{GetRuntimeManagementConfigInput, GetRuntimeManagementConfigOutput, UpdateRuntimeOn};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::put_runtime_management_config::version_of;
use crate::Lambda;
use crate::keys::{RuntimeUpdates, RuntimeUpdatesKey};
use crate::model::name::Target;
use crate::view::runtime_version;

pub(crate) async fn get_runtime_management_config(
    svc: &Lambda,
    cx: &Ctx,
    input: GetRuntimeManagementConfigInput,
) -> Result<GetRuntimeManagementConfigOutput, AwsError> {
    let target = Target::parse(cx, &input.function_name, input.qualifier.as_deref())?;
    let mut tx = svc.store.read().await?;
    let (version, row) = version_of(&mut tx, &target).await?;
    let updates = tx.row(&RuntimeUpdatesKey(&target.id, version)).await?;
    let pinned = updates == Some(RuntimeUpdates::Manual);
    Ok(GetRuntimeManagementConfigOutput {
        update_runtime_on: Some(match updates {
            None => UpdateRuntimeOn::Auto,
            Some(RuntimeUpdates::FunctionUpdate) => UpdateRuntimeOn::FunctionUpdate,
            Some(RuntimeUpdates::Manual) => UpdateRuntimeOn::Manual,
        }),
        function_arn: Some(target.id.arn_of(Some(&version.to_string())).to_string()),
        runtime_version_arn: pinned.then(|| runtime_version(&row.config.runtime, &target.id.region)),
    })
}
