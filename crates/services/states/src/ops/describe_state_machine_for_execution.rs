//! `DescribeStateMachineForExecution`: as it was when the execution began.

use updraft_api_states::types::{
    DescribeStateMachineForExecutionInput, DescribeStateMachineForExecutionOutput, LoggingConfiguration,
    TracingConfiguration,
};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::StepFunctions;
use crate::keys::MachineKey;
use crate::model::name::ExecutionId;
use crate::table;

pub(crate) async fn describe_state_machine_for_execution(
    svc: &StepFunctions,
    cx: &Ctx,
    input: DescribeStateMachineForExecutionInput,
) -> Result<DescribeStateMachineForExecutionOutput, AwsError> {
    let id = ExecutionId::of_arn(cx, &input.execution_arn)?;
    let mut tx = svc.parts.store.read().await?;
    let execution = table::execution(&mut tx, &id).await?;
    let revision = table::revision(&mut tx, &id.machine, execution.revision).await?;
    let machine = tx.row(&MachineKey(&id.machine)).await?;
    let logging = machine.as_ref().map(|machine| machine.settings.logging());
    let tracing = machine.as_ref().map(|machine| machine.settings.tracing());
    Ok(DescribeStateMachineForExecutionOutput {
        state_machine_arn: id.machine.arn().to_string(),
        name: id.machine.name,
        definition: revision.definition,
        role_arn: revision.role,
        update_date: revision.since,
        logging_configuration: Some(logging.unwrap_or_else(LoggingConfiguration::default)),
        tracing_configuration: Some(tracing.unwrap_or(TracingConfiguration { enabled: Some(false) })),
        revision_id: (execution.revision > 0).then_some(revision.id),
        ..DescribeStateMachineForExecutionOutput::default()
    })
}
