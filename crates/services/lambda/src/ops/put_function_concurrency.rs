//! `PutFunctionConcurrency`.

use updraft_api_lambda::types::{PutFunctionConcurrencyInput, PutFunctionConcurrencyOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{StoreExt, Tx};

use super::get_account_settings::CONCURRENCY;
use super::unqualified_only;
use crate::errors::invalid_parameter;
use crate::keys::FunctionKey;
use crate::model::name::{FunctionId, LATEST, Target};
use crate::table::name_of;
use crate::{Lambda, table};

/// AWS: so many executions stay for functions that reserve none.
const UNRESERVED: u32 = 100;

pub(crate) async fn put_function_concurrency(
    svc: &Lambda,
    cx: &Ctx,
    input: PutFunctionConcurrencyInput,
) -> Result<PutFunctionConcurrencyOutput, AwsError> {
    let target = Target::parse(cx, &input.function_name, None)?;
    unqualified_only(&target)?;
    let mut tx = svc.store.write().await?;
    // AWS: this operation alone misses a function by its version (recorded: `test_function_concurrency_exceptions`).
    let named = Target { qualifier: Some(LATEST.to_owned()), ..target };
    let mut function = table::function(&mut tx, &named).await?;
    // The tables have checked that it isn't negative.
    let asked = input.reserved_concurrent_executions.unsigned_abs();
    if reserved_by_others(&mut tx, &named.id).await?.saturating_add(asked) > CONCURRENCY - UNRESERVED {
        return Err(invalid_parameter(format!(
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution \
             below its minimum value of [{UNRESERVED}]."
        )));
    }
    function.reserved = Some(asked);
    tx.put_row(&FunctionKey(&named.id), &function)?;
    tx.commit().await?;
    let reserved_concurrent_executions = Some(input.reserved_concurrent_executions);
    Ok(PutFunctionConcurrencyOutput { reserved_concurrent_executions })
}

async fn reserved_by_others(tx: &mut Tx, id: &FunctionId) -> Result<u32, AwsError> {
    let mut sum = 0_u32;
    for (key, function) in table::all::<FunctionKey<'_>>(tx, FunctionKey::all(&id.account, &id.region)).await? {
        if name_of(&key)? != id.name {
            sum = sum.saturating_add(function.reserved.unwrap_or(0));
        }
    }
    Ok(sum)
}
