//! `UpdateFunctionUrlConfig`.

use updraft_api_lambda::types::{FunctionUrlConfig, UpdateFunctionUrlConfigInput, UpdateFunctionUrlConfigOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Lambda;
use crate::model::name::Target;
use crate::model::url::{Auth, Cors, Mode, UrlRow};
use crate::url::config;

pub(crate) async fn update_function_url_config(
    svc: &Lambda,
    cx: &Ctx,
    input: UpdateFunctionUrlConfigInput,
) -> Result<UpdateFunctionUrlConfigOutput, AwsError> {
    let target = Target::parse(cx, &input.function_name, input.qualifier.as_deref())?;
    let mut tx = svc.store.write().await?;
    let before = config::read(&mut tx, &target).await?;
    let row = UrlRow {
        auth: input.auth_type.as_ref().map_or(before.auth, Auth::of),
        mode: input.invoke_mode.as_ref().map_or(before.mode, Mode::of),
        cors: input.cors.map_or(before.cors, Cors::of),
        modified: cx.now(),
        ..before
    };
    config::write(&mut tx, &target, &row)?;
    tx.commit().await?;
    let FunctionUrlConfig {
        function_url,
        function_arn,
        creation_time,
        last_modified_time,
        cors,
        auth_type,
        invoke_mode,
    } = config::shown(cx, &target, &row);
    Ok(UpdateFunctionUrlConfigOutput {
        function_url,
        function_arn,
        auth_type,
        cors,
        creation_time,
        last_modified_time,
        invoke_mode,
    })
}
