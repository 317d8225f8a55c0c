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
pub(super) const UNRESERVED: u32 = 100;

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
    let ahead = function.all_ahead();
    if asked < ahead {
        return Err(invalid_parameter(format!(
            " ReservedConcurrentExecutions  {asked} should not be lower than function's total provisioned concurrency \
             [{ahead}]."
        )));
    }
    if unreserved(&mut tx, &named.id).await? < asked.saturating_add(UNRESERVED) {
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

/// What is free in the account for functions that reserve nothing, but for what this function has: it is not taken
/// into account.
pub(super) async fn unreserved(tx: &mut Tx, id: &FunctionId) -> Result<u32, AwsError> {
    let mut free = CONCURRENCY;
    for (key, function) in table::all::<FunctionKey<'_>>(tx, FunctionKey::all(&id.account, &id.region)).await? {
        if name_of(&key)? != id.name {
            free = free.saturating_sub(function.set_aside());
        }
    }
    Ok(free)
}
