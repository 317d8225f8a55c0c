//! `DeleteStateMachine`.

use updraft_api_states::types::{DeleteStateMachineInput, DeleteStateMachineOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::StepFunctions;
use crate::keys::MachineKey;
use crate::model::name::MachineId;

/// AWS: one that isn't there is no error. Its executions stay, with the definition that they began with.
pub(crate) async fn delete_state_machine(
    svc: &StepFunctions,
    cx: &Ctx,
    input: DeleteStateMachineInput,
) -> Result<DeleteStateMachineOutput, AwsError> {
    let id = MachineId::of_arn(cx, &input.state_machine_arn)?;
    let mut tx = svc.parts.store.write().await?;
    if tx.row(&MachineKey(&id)).await?.is_some() {
        tx.delete_row(&MachineKey(&id));
        tx.commit().await?;
    }
    Ok(DeleteStateMachineOutput {})
}
