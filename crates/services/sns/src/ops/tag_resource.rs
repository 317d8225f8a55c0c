//! `TagResource`: of topics.

use updraft_api_sns::types::{TagResourceInput, TagResourceOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Sns;
use crate::keys::TopicKey;
use crate::tagged::{tagged, tags_of};

pub(crate) async fn tag_resource(svc: &Sns, cx: &Ctx, input: TagResourceInput) -> Result<TagResourceOutput, AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let (id, mut topic) = tagged(&mut tx, cx, &input.resource_arn).await?;
    topic.tags = tags_of(input.tags, topic.tags)?;
    tx.put_row(&TopicKey(&id), &topic)?;
    tx.commit().await?;
    Ok(TagResourceOutput {})
}
