//! `GetFunctionUrlConfig`.

use updraft_api_lambda::types::{FunctionUrlConfig, GetFunctionUrlConfigInput, GetFunctionUrlConfigOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Lambda;
use crate::model::name::Target;
use crate::url::config;

pub(crate) async fn get_function_url_config(
    svc: &Lambda,
    cx: &Ctx,
    input: GetFunctionUrlConfigInput,
) -> Result<GetFunctionUrlConfigOutput, AwsError> {
    let target = Target::parse(cx, &input.function_name, input.qualifier.as_deref())?;
    let mut tx = svc.store.read().await?;
    let row = config::read(&mut tx, &target).await?;
    let FunctionUrlConfig {
        function_url,
        function_arn,
        creation_time,
        last_modified_time,
        cors,
        auth_type,
        invoke_mode,
    } = config::shown(cx, &target, &row);
    Ok(GetFunctionUrlConfigOutput {
        function_url,
        function_arn,
        auth_type,
        cors,
        creation_time,
        last_modified_time,
        invoke_mode,
    })
}
