//! `GetFunctionConcurrency`.

use updraft_api_lambda::types::{GetFunctionConcurrencyInput, GetFunctionConcurrencyOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::unqualified_only;
use crate::model::name::Target;
use crate::{Lambda, table};

pub(crate) async fn get_function_concurrency(
    svc: &Lambda,
    cx: &Ctx,
    input: GetFunctionConcurrencyInput,
) -> Result<GetFunctionConcurrencyOutput, AwsError> {
    let target = Target::parse(cx, &input.function_name, None)?;
    unqualified_only(&target)?;
    let mut tx = svc.store.read().await?;
    let reserved = table::function(&mut tx, &target).await?.reserved;
    let reserved_concurrent_executions = reserved.map(|count| i32::try_from(count).unwrap_or(i32::MAX));
    Ok(GetFunctionConcurrencyOutput { reserved_concurrent_executions })
}
