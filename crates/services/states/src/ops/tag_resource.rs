//! `TagResource`: of state machines and activities.

use updraft_api_states::types::{TagResourceInput, TagResourceOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::tags;
use crate::StepFunctions;

pub(crate) async fn tag_resource(
    svc: &StepFunctions,
    cx: &Ctx,
    input: TagResourceInput,
) -> Result<TagResourceOutput, AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let mut tagged = tags::tagged(&mut tx, cx, &input.resource_arn).await?;
    *tagged.tags() = tags::joined(std::mem::take(tagged.tags()), input.tags)?;
    tagged.save(&mut tx)?;
    tx.commit().await?;
    Ok(TagResourceOutput {})
}
