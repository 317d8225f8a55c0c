//! `DescribeStateMachine`.

use updraft_api_states::types::{DescribeStateMachineInput, DescribeStateMachineOutput, StateMachineStatus};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::StepFunctions;
use crate::model::name::MachineId;
use crate::table;

pub(crate) async fn describe_state_machine(
    svc: &StepFunctions,
    cx: &Ctx,
    input: DescribeStateMachineInput,
) -> Result<DescribeStateMachineOutput, AwsError> {
    let id = MachineId::of_arn(cx, &input.state_machine_arn)?;
    let mut tx = svc.parts.store.read().await?;
    let machine = table::machine(&mut tx, &id).await?;
    let revision = table::revision(&mut tx, &id, machine.revision).await?;
    Ok(DescribeStateMachineOutput {
        state_machine_arn: id.arn().to_string(),
        name: id.name,
        status: Some(StateMachineStatus::Active),
        definition: revision.definition,
        role_arn: revision.role,
        r#type: machine.kind(),
        creation_date: machine.created,
        logging_configuration: Some(machine.settings.logging()),
        tracing_configuration: Some(machine.settings.tracing()),
        encryption_configuration: machine.settings.encryption(),
        // AWS: the first one has none.
        revision_id: (machine.revision > 0).then_some(revision.id),
        ..DescribeStateMachineOutput::default()
    })
}
