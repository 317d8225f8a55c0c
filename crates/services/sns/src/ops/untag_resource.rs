//! `UntagResource`: of topics.

use updraft_api_sns::types::{UntagResourceInput, UntagResourceOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Sns;
use crate::keys::TopicKey;
use crate::tagged::tagged;

pub(crate) async fn untag_resource(
    svc: &Sns,
    cx: &Ctx,
    input: UntagResourceInput,
) -> Result<UntagResourceOutput, AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let (id, mut topic) = tagged(&mut tx, cx, &input.resource_arn).await?;
    for key in &input.tag_keys {
        topic.tags.remove(key);
    }
    tx.put_row(&TopicKey(&id), &topic)?;
    tx.commit().await?;
    Ok(UntagResourceOutput {})
}
