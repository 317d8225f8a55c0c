//! `UntagResource`: of buses and rules.

use updraft_api_events::types::{UntagResourceInput, UntagResourceOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::EventBridge;
use crate::tagged::Tagged;

pub(crate) async fn untag_resource(
    svc: &EventBridge,
    cx: &Ctx,
    input: UntagResourceInput,
) -> Result<UntagResourceOutput, AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let mut tagged = Tagged::find(&mut tx, cx, &input.resource_arn).await?;
    for key in &input.tag_keys {
        tagged.tags().remove(key);
    }
    tagged.put(&mut tx)?;
    tx.commit().await?;
    Ok(UntagResourceOutput {})
}
