//! `UntagResource`: of state machines and activities.

use updraft_api_states::types::{UntagResourceInput, UntagResourceOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::tags;
use crate::StepFunctions;

pub(crate) async fn untag_resource(
    svc: &StepFunctions,
    cx: &Ctx,
    input: UntagResourceInput,
) -> Result<UntagResourceOutput, AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let mut tagged = tags::tagged(&mut tx, cx, &input.resource_arn).await?;
    tagged.tags().retain(|key, _| !input.tag_keys.contains(key));
    tagged.save(&mut tx)?;
    tx.commit().await?;
    Ok(UntagResourceOutput {})
}
