//! `ListDurableExecutionsByFunction`.

use updraft_api_lambda::types::{
    Execution, ListDurableExecutionsByFunctionInput, ListDurableExecutionsByFunctionOutput,
};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::durable::listing::{self, Listed, Wanted};
use crate::durable::{ExecutionId, Status, execution_arn, paging};
use crate::model::name::{FunctionId, Target};
use crate::{Lambda, table};

pub(crate) async fn list_durable_executions_by_function(
    svc: &Lambda,
    cx: &Ctx,
    input: ListDurableExecutionsByFunctionInput,
) -> Result<ListDurableExecutionsByFunctionOutput, AwsError> {
    let target = Target::parse(cx, &input.function_name, input.qualifier.as_deref())?;
    let mut tx = svc.store.read().await?;
    table::function(&mut tx, &target).await?;
    let version = match target.qualifier {
        Some(_) => Some(table::find(&mut tx, &target).await?.version.to_string()),
        None => None,
    };
    let asked = input.statuses.unwrap_or_default();
    let statuses = Status::ALL.into_iter().filter(|status| asked.is_empty() || asked.contains(&status.shown()));
    let wanted = Wanted {
        function: &target.id,
        statuses: statuses.collect(),
        version,
        name: input.durable_execution_name.as_deref(),
        after: input.started_after,
        before: input.started_before,
        oldest_first: input.reverse_order.unwrap_or(false),
        from: input.marker.as_deref().map(listing::read_marker).transpose()?,
        limit: paging::page_size(input.max_items),
    };
    let (found, next) = listing::list(&mut tx, &wanted).await?;
    Ok(ListDurableExecutionsByFunctionOutput {
        durable_executions: Some(found.into_iter().map(|listed| shown(&target.id, listed)).collect()),
        next_marker: next.as_ref().map(listing::marker),
    })
}

fn shown(function: &FunctionId, listed: Listed) -> Execution {
    let Listed { started, id, status, summary } = listed;
    let id = ExecutionId { account: function.account.clone(), region: function.region.clone(), id };
    let function_arn = function.arn_of(Some(&summary.version));
    Execution {
        durable_execution_arn: execution_arn(&function_arn, &summary.name, &id),
        durable_execution_name: summary.name,
        function_arn: function_arn.to_string(),
        status: status.shown(),
        start_timestamp: started,
        end_timestamp: summary.ended,
        kms_key_arn: summary.kms_key,
    }
}
