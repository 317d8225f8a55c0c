//! `DescribeStateMachineForExecution`: as it was when the execution began.

use updraft_api_states::types::{DescribeStateMachineForExecutionInput, DescribeStateMachineForExecutionOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::StepFunctions;
use crate::keys::{ChildOfKey, MachineKey};
use crate::model::name::ExecutionId;
use crate::table;

pub(crate) async fn describe_state_machine_for_execution(
    svc: &StepFunctions,
    cx: &Ctx,
    input: DescribeStateMachineForExecutionInput,
) -> Result<DescribeStateMachineForExecutionOutput, AwsError> {
    let id = ExecutionId::of_arn_or_child(cx, &input.execution_arn)?;
    let mut tx = svc.parts.store.read().await?;
    let execution = table::execution(&mut tx, &id).await?;
    let root = id.machine.root();
    let revision = table::revision(&mut tx, &root, execution.revision).await?;
    let machine = tx.row(&MachineKey(&root)).await?;
    let child = if id.machine.is_of_a_map() { tx.row(&ChildOfKey(&id)).await? } else { None };
    let label = id.machine.name.rsplit_once('/').map(|(_, label)| label.to_owned());
    let settings = revision.settings.clone().or(machine.map(|machine| machine.settings)).unwrap_or_default();
    Ok(DescribeStateMachineForExecutionOutput {
        state_machine_arn: id.machine.arn().to_string(),
        name: id.machine.name,
        map_run_arn: child.map(|child| child.run.arn().to_string()),
        label,
        revision_id: revision.shown(execution.revision),
        variable_references: revision.references(),
        definition: revision.definition,
        role_arn: revision.role,
        update_date: revision.since,
        logging_configuration: Some(settings.logging()),
        tracing_configuration: Some(settings.tracing()),
        encryption_configuration: Some(settings.encryption()),
    })
}
