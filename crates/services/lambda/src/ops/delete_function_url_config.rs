//! `DeleteFunctionUrlConfig`.

use updraft_api_lambda::types::{DeleteFunctionUrlConfigInput, DeleteFunctionUrlConfigOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Lambda;
use crate::model::name::Target;
use crate::url::config;

pub(crate) async fn delete_function_url_config(
    svc: &Lambda,
    cx: &Ctx,
    input: DeleteFunctionUrlConfigInput,
) -> Result<DeleteFunctionUrlConfigOutput, AwsError> {
    let target = Target::parse(cx, &input.function_name, input.qualifier.as_deref())?;
    let mut tx = svc.store.write().await?;
    let row = config::read(&mut tx, &target).await?;
    config::delete(&mut tx, &target.id, target.qualifier.as_deref(), &row);
    tx.commit().await?;
    Ok(DeleteFunctionUrlConfigOutput {})
}
