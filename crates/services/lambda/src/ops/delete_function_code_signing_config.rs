//! `DeleteFunctionCodeSigningConfig`.

use updraft_api_lambda::types::{DeleteFunctionCodeSigningConfigInput, DeleteFunctionCodeSigningConfigOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::unqualified_only;
use crate::model::name::Target;
use crate::{Lambda, signing, table};

/// AWS: where there is nothing to take away, that is success too.
pub(crate) async fn delete_function_code_signing_config(
    svc: &Lambda,
    cx: &Ctx,
    input: DeleteFunctionCodeSigningConfigInput,
) -> Result<DeleteFunctionCodeSigningConfigOutput, AwsError> {
    let target = Target::parse(cx, &input.function_name, None)?;
    unqualified_only(&target)?;
    let mut tx = svc.store.write().await?;
    table::function(&mut tx, &target).await?;
    signing::give(&mut tx, &target.id, None).await?;
    tx.commit().await?;
    Ok(DeleteFunctionCodeSigningConfigOutput {})
}
