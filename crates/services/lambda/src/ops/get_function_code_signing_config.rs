//! `GetFunctionCodeSigningConfig`.

use updraft_api_lambda::types::{GetFunctionCodeSigningConfigInput, GetFunctionCodeSigningConfigOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::unqualified_only;
use crate::keys::FunctionSigningKey;
use crate::model::name::Target;
use crate::{Lambda, signing, table};

/// AWS: of a function without one nothing is answered, not even its name (recorded: `test_code_signing_not_found_excs`).
pub(crate) async fn get_function_code_signing_config(
    svc: &Lambda,
    cx: &Ctx,
    input: GetFunctionCodeSigningConfigInput,
) -> Result<GetFunctionCodeSigningConfigOutput, AwsError> {
    let target = Target::parse(cx, &input.function_name, None)?;
    unqualified_only(&target)?;
    let mut tx = svc.store.read().await?;
    table::function(&mut tx, &target).await?;
    let given = tx.row(&FunctionSigningKey(&target.id)).await?;
    Ok(GetFunctionCodeSigningConfigOutput {
        function_name: given.is_some().then(|| target.id.name.clone()),
        code_signing_config_arn: given.map(|given| signing::arn(&cx.account, &cx.region, &given.config)),
    })
}
