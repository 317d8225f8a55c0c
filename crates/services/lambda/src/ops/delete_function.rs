//! `DeleteFunction`.

use updraft_api_lambda::types::{DeleteFunctionInput, DeleteFunctionOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::{conflict, invalid_parameter};
use crate::keys::VersionKey;
use crate::model::name::{Target, Version};
use crate::{Lambda, ahead, table};

pub(crate) async fn delete_function(
    svc: &Lambda,
    cx: &Ctx,
    input: DeleteFunctionInput,
) -> Result<DeleteFunctionOutput, AwsError> {
    let mut target = Target::parse(cx, &input.function_name, input.qualifier.as_deref())?;
    let version = target.qualifier.take().map(|qualifier| deletable(&qualifier)).transpose()?;
    let mut tx = svc.store.write().await?;
    table::function(&mut tx, &target).await?;
    match version {
        None => table::delete_function(&mut tx, &target.id).await?,
        // AWS: a version that isn't there is deleted with success.
        Some(version) => {
            let aliases = table::aliases_for(&mut tx, &target.id, version).await?;
            if !aliases.is_empty() {
                return Err(conflict(format!(
                    "Unable to delete version because the following aliases reference it: [{}]",
                    aliases.join(", ")
                )));
            }
            if let Some(row) = tx.row(&VersionKey(&target.id, version)).await? {
                table::delete_version(&mut tx, &target.id, version, &row).await?;
                ahead::work_out(&mut tx, &target.id).await?;
            }
        }
    }
    tx.commit().await?;
    svc.retire(&target.id).await;
    Ok(DeleteFunctionOutput { status_code: Some(204) })
}

fn deletable(qualifier: &str) -> Result<Version, AwsError> {
    match Version::parse(Some(qualifier)) {
        None => Err(invalid_parameter("Deletion of aliases is not currently supported.")),
        Some(Version::LATEST) => {
            Err(invalid_parameter("$LATEST version cannot be deleted without deleting the function."))
        }
        Some(version) => Ok(version),
    }
}
