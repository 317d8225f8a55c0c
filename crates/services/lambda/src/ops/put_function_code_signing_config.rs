//! `PutFunctionCodeSigningConfig`.

use updraft_api_lambda::types::{PutFunctionCodeSigningConfigInput, PutFunctionCodeSigningConfigOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::unqualified_only;
use crate::errors::no_such_signing_config;
use crate::model::name::Target;
use crate::{Lambda, signing, table};

/// AWS: what is deployed already stays, whether it is signed or not.
pub(crate) async fn put_function_code_signing_config(
    svc: &Lambda,
    cx: &Ctx,
    input: PutFunctionCodeSigningConfigInput,
) -> Result<PutFunctionCodeSigningConfigOutput, AwsError> {
    let target = Target::parse(cx, &input.function_name, None)?;
    unqualified_only(&target)?;
    let mut tx = svc.store.write().await?;
    // AWS: a configuration is missed before a function is.
    let arn = &input.code_signing_config_arn;
    let found = signing::find(cx, &mut tx, arn).await;
    let (id, _) = found.map_err(|error| no_such_signing_config(arn, error))?;
    table::function(&mut tx, &target).await?;
    signing::give(&mut tx, &target.id, Some(id)).await?;
    tx.commit().await?;
    Ok(PutFunctionCodeSigningConfigOutput {
        code_signing_config_arn: input.code_signing_config_arn,
        function_name: target.id.name,
    })
}
