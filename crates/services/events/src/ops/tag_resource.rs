//! `TagResource`: of buses and rules.

use updraft_api_events::types::{TagResourceInput, TagResourceOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::EventBridge;
use crate::tagged::{Tagged, tags_of};

pub(crate) async fn tag_resource(
    svc: &EventBridge,
    cx: &Ctx,
    input: TagResourceInput,
) -> Result<TagResourceOutput, AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let mut tagged = Tagged::find(&mut tx, cx, &input.resource_arn).await?;
    let tags = tags_of(input.tags, std::mem::take(tagged.tags()))?;
    *tagged.tags() = tags;
    tagged.put(&mut tx)?;
    tx.commit().await?;
    Ok(TagResourceOutput {})
}
