//! `DescribeStateMachine`.

use updraft_api_states::types::{DescribeStateMachineInput, DescribeStateMachineOutput, StateMachineStatus};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::StepFunctions;
use crate::errors::invalid_arn;
use crate::model::name::{MachineId, Qualifier};
use crate::table;

pub(crate) async fn describe_state_machine(
    svc: &StepFunctions,
    cx: &Ctx,
    input: DescribeStateMachineInput,
) -> Result<DescribeStateMachineOutput, AwsError> {
    let (id, qualifier) = MachineId::of_any(cx, &input.state_machine_arn)?;
    let mut tx = svc.parts.store.read().await?;
    let machine = table::machine(&mut tx, &id).await?;
    let of = match qualifier {
        Qualifier::None => None,
        Qualifier::Version(number) => Some((number, table::version(&mut tx, &id, number).await?)),
        Qualifier::Alias(_) => return Err(invalid_arn(&input.state_machine_arn)),
    };
    let number = of.as_ref().map_or(machine.revision, |(_, version)| version.revision);
    let revision = table::revision(&mut tx, &id, number).await?;
    let settings = revision.settings.as_ref().unwrap_or(&machine.settings);
    Ok(DescribeStateMachineOutput {
        state_machine_arn: of.as_ref().map_or_else(|| id.arn().to_string(), |of| id.qualified(&of.0.to_string())),
        name: id.name,
        status: Some(StateMachineStatus::Active),
        r#type: machine.kind(),
        creation_date: of.as_ref().map_or(machine.created, |(_, version)| version.created),
        logging_configuration: Some(settings.logging()),
        tracing_configuration: Some(settings.tracing()),
        encryption_configuration: Some(settings.encryption()),
        revision_id: revision.shown(number),
        description: of.and_then(|(_, version)| version.description),
        variable_references: revision.references(),
        definition: revision.definition,
        role_arn: revision.role,
        ..DescribeStateMachineOutput::default()
    })
}
