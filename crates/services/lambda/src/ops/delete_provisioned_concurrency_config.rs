//! `DeleteProvisionedConcurrencyConfig`.

use updraft_api_lambda::types::{DeleteProvisionedConcurrencyConfigInput, DeleteProvisionedConcurrencyConfigOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::get_provisioned_concurrency_config::exists;
use crate::keys::ProvisionedKey;
use crate::model::name::Target;
use crate::{Lambda, ahead};

pub(crate) async fn delete_provisioned_concurrency_config(
    svc: &Lambda,
    cx: &Ctx,
    input: DeleteProvisionedConcurrencyConfigInput,
) -> Result<DeleteProvisionedConcurrencyConfigOutput, AwsError> {
    let target = Target::parse(cx, &input.function_name, Some(&input.qualifier))?;
    let mut tx = svc.store.write().await?;
    exists(&mut tx, &target).await?;
    // AWS: the model has no error for where there is none.
    tx.delete_row(&ProvisionedKey(&target.id, &input.qualifier));
    ahead::work_out(&mut tx, &target.id).await?;
    tx.commit().await?;
    Ok(DeleteProvisionedConcurrencyConfigOutput {})
}
