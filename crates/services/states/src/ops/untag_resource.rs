//! `UntagResource`: of state machines.

use updraft_api_states::types::{UntagResourceInput, UntagResourceOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::tags;
use crate::StepFunctions;
use crate::keys::MachineKey;

pub(crate) async fn untag_resource(
    svc: &StepFunctions,
    cx: &Ctx,
    input: UntagResourceInput,
) -> Result<UntagResourceOutput, AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let (id, mut machine) = tags::tagged(&mut tx, cx, &input.resource_arn).await?;
    machine.tags.retain(|key, _| !input.tag_keys.contains(key));
    tx.put_row(&MachineKey(&id), &machine)?;
    tx.commit().await?;
    Ok(UntagResourceOutput {})
}
