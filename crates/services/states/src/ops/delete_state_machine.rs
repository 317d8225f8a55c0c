//! `DeleteStateMachine`.

use updraft_api_states::types::{DeleteStateMachineInput, DeleteStateMachineOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{ScanOptions, StoreExt, Tx};

use super::versions::MOST;
use crate::StepFunctions;
use crate::keys::{AliasKey, MachineKey, PublishedKey, VersionKey, of_machine_number};
use crate::model::name::MachineId;
use crate::table;

/// With its versions and aliases. AWS: one that isn't there is no error. Its executions stay, with the definition that they began with.
pub(crate) async fn delete_state_machine(
    svc: &StepFunctions,
    cx: &Ctx,
    input: DeleteStateMachineInput,
) -> Result<DeleteStateMachineOutput, AwsError> {
    let id = MachineId::of_arn(cx, &input.state_machine_arn)?;
    let mut tx = svc.parts.store.write().await?;
    if tx.row(&MachineKey(&id)).await?.is_some() {
        tx.delete_row(&MachineKey(&id));
        without_versions(&mut tx, &id).await?;
        tx.commit().await?;
    }
    Ok(DeleteStateMachineOutput {})
}

async fn without_versions(tx: &mut Tx, id: &MachineId) -> Result<(), AwsError> {
    for (name, _) in table::aliases(tx, id).await? {
        tx.delete_row(&AliasKey(id, &name));
    }
    let versions = tx.rows::<VersionKey<'_>>(VersionKey::of_machine(id), ScanOptions::limit(MOST)).await?;
    for (key, _) in &versions.rows {
        tx.delete_row(&VersionKey(id, of_machine_number(key)?));
    }
    tx.delete_row(&PublishedKey(id));
    Ok(())
}
