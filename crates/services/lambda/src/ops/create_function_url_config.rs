//! `CreateFunctionUrlConfig`.

use updraft_api_lambda::types::{CreateFunctionUrlConfigInput, CreateFunctionUrlConfigOutput, FunctionUrlConfig};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::{conflict, not_found};
use crate::keys::UrlKey;
use crate::model::name::Target;
use crate::model::url::{Auth, Cors, Mode, UrlRow, new_id};
use crate::url::config;
use crate::{Lambda, table};

pub(crate) async fn create_function_url_config(
    svc: &Lambda,
    cx: &Ctx,
    input: CreateFunctionUrlConfigInput,
) -> Result<CreateFunctionUrlConfigOutput, AwsError> {
    let target = Target::parse(cx, &input.function_name, input.qualifier.as_deref())?;
    let mut tx = svc.store.write().await?;
    table::find(&mut tx, &target).await.map_err(missing)?;
    if tx.row(&UrlKey(&target.id, target.qualifier.as_deref())).await?.is_some() {
        // AWS: with two spaces.
        return Err(conflict(format!(
            "Failed to create function url config for [functionArn = {}]. Error message:  FunctionUrlConfig exists for \
             this Lambda function",
            target.arn()
        )));
    }
    let row = UrlRow {
        id: new_id(&*cx.rng),
        auth: Auth::of(&input.auth_type),
        mode: input.invoke_mode.as_ref().map_or(Mode::Buffered, Mode::of),
        cors: input.cors.and_then(Cors::of),
        created: cx.now(),
        modified: cx.now(),
    };
    config::write(&mut tx, &target, &row)?;
    tx.commit().await?;
    let FunctionUrlConfig { function_url, function_arn, auth_type, cors, creation_time, .. } =
        config::shown(cx, &target, &row);
    Ok(CreateFunctionUrlConfigOutput {
        function_url,
        function_arn,
        auth_type,
        cors,
        creation_time,
        // AWS: said only where it was asked for (recorded: `test_url_config_list_paging`).
        invoke_mode: input.invoke_mode,
    })
}

// AWS: recorded for the list (`test_url_config_list_paging`).
pub(super) fn missing(error: AwsError) -> AwsError {
    if error.code().status == 404 { not_found("Function does not exist") } else { error }
}
