//! `DescribeStateMachineAlias`.

use updraft_api_states::types::{DescribeStateMachineAliasInput, DescribeStateMachineAliasOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::aliases::{existing, named, told};
use crate::StepFunctions;

pub(crate) async fn describe_state_machine_alias(
    svc: &StepFunctions,
    cx: &Ctx,
    input: DescribeStateMachineAliasInput,
) -> Result<DescribeStateMachineAliasOutput, AwsError> {
    let (id, name) = named(cx, &input.state_machine_alias_arn)?;
    let mut tx = svc.parts.store.read().await?;
    let alias = existing(&mut tx, (&id, &name)).await?;
    Ok(DescribeStateMachineAliasOutput {
        state_machine_alias_arn: Some(id.qualified(&name)),
        name: Some(name),
        description: alias.description,
        routing_configuration: Some(told(&id, &alias.routes)),
        creation_date: Some(alias.created),
        update_date: Some(alias.updated),
    })
}
