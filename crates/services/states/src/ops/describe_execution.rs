//! `DescribeExecution`.

use updraft_api_states::types::{DescribeExecutionInput, DescribeExecutionOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::StepFunctions;
use crate::keys::OriginKey;
use crate::maps;
use crate::model::name::ExecutionId;
use crate::table;

pub(crate) async fn describe_execution(
    svc: &StepFunctions,
    cx: &Ctx,
    input: DescribeExecutionInput,
) -> Result<DescribeExecutionOutput, AwsError> {
    let id = ExecutionId::of_arn_or_child(cx, &input.execution_arn)?;
    let mut tx = svc.parts.store.read().await?;
    let execution = table::execution(&mut tx, &id).await?;
    let redrives = table::redrives(&mut tx, &id).await?;
    let refusal = table::refusal(&mut tx, &id, &execution, cx.now()).await?;
    let mut described = execution.described(&id, &redrives, refusal);
    if let Some(origin) = tx.row(&OriginKey(&id)).await? {
        described.state_machine_version_arn = Some(origin.version_arn(&id.machine));
        described.state_machine_alias_arn = origin.alias_arn(&id.machine);
    }
    if id.machine.is_of_a_map() {
        maps::describe_child(&mut tx, &id, &mut described).await?;
    }
    Ok(described)
}
