//! `DeleteStateMachineVersion`: executions of it that run go on.

use updraft_api_states::types::{DeleteStateMachineVersionInput, DeleteStateMachineVersionOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::StepFunctions;
use crate::errors::{invalid_arn, version_in_use};
use crate::keys::VersionKey;
use crate::model::name::{MachineId, Qualifier};
use crate::table;

/// AWS: one that isn't there is no error.
pub(crate) async fn delete_state_machine_version(
    svc: &StepFunctions,
    cx: &Ctx,
    input: DeleteStateMachineVersionInput,
) -> Result<DeleteStateMachineVersionOutput, AwsError> {
    let (id, Qualifier::Version(number)) = MachineId::of_any(cx, &input.state_machine_version_arn)? else {
        return Err(invalid_arn(&input.state_machine_version_arn));
    };
    let mut tx = svc.parts.store.write().await?;
    let aliases = table::aliases(&mut tx, &id).await?;
    let refer = aliases.into_iter().filter(|(_, alias)| alias.routes.iter().any(|route| route.version == number));
    let names: Vec<String> = refer.map(|(name, _)| name).collect();
    if !names.is_empty() {
        return Err(version_in_use(&names));
    }
    tx.delete_row(&VersionKey(&id, number));
    tx.commit().await?;
    Ok(DeleteStateMachineVersionOutput {})
}
