//! `TagResource`: of state machines.

use updraft_api_states::types::{TagResourceInput, TagResourceOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::tags;
use crate::StepFunctions;
use crate::keys::MachineKey;

pub(crate) async fn tag_resource(
    svc: &StepFunctions,
    cx: &Ctx,
    input: TagResourceInput,
) -> Result<TagResourceOutput, AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let (id, mut machine) = tags::tagged(&mut tx, cx, &input.resource_arn).await?;
    machine.tags = tags::joined(machine.tags, input.tags)?;
    tx.put_row(&MachineKey(&id), &machine)?;
    tx.commit().await?;
    Ok(TagResourceOutput {})
}
