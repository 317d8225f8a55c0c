//! `DeleteFunctionConcurrency`.

use updraft_api_lambda::types::{DeleteFunctionConcurrencyInput, DeleteFunctionConcurrencyOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::unqualified_only;
use crate::keys::FunctionKey;
use crate::model::name::Target;
use crate::{Lambda, table};

pub(crate) async fn delete_function_concurrency(
    svc: &Lambda,
    cx: &Ctx,
    input: DeleteFunctionConcurrencyInput,
) -> Result<DeleteFunctionConcurrencyOutput, AwsError> {
    let target = Target::parse(cx, &input.function_name, None)?;
    unqualified_only(&target)?;
    let mut tx = svc.store.write().await?;
    let mut function = table::function(&mut tx, &target).await?;
    function.reserved = None;
    tx.put_row(&FunctionKey(&target.id), &function)?;
    tx.commit().await?;
    Ok(DeleteFunctionConcurrencyOutput {})
}
