//! `DeleteStateMachineAlias`: its versions stay.

use updraft_api_states::types::{DeleteStateMachineAliasInput, DeleteStateMachineAliasOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::aliases::{existing, named};
use crate::StepFunctions;
use crate::keys::AliasKey;

pub(crate) async fn delete_state_machine_alias(
    svc: &StepFunctions,
    cx: &Ctx,
    input: DeleteStateMachineAliasInput,
) -> Result<DeleteStateMachineAliasOutput, AwsError> {
    let (id, name) = named(cx, &input.state_machine_alias_arn)?;
    let mut tx = svc.parts.store.write().await?;
    existing(&mut tx, (&id, &name)).await?;
    tx.delete_row(&AliasKey(&id, &name));
    tx.commit().await?;
    Ok(DeleteStateMachineAliasOutput {})
}
