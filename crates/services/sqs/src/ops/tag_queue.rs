//! `TagQueue`: adds tags, in place of those that have the same keys.

use updraft_api_sqs::types::{TagQueueInput, TagQueueOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Sqs;
use crate::model::tags;
use crate::table;

/// # Errors
/// If there is no such queue, or a tag is none.
pub(crate) async fn tag_queue(svc: &Sqs, cx: &Ctx, input: TagQueueInput) -> Result<TagQueueOutput, AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let (name, mut queue) = table::named(&mut tx, cx, &input.queue_url).await?;
    queue.tags.extend(input.tags);
    tags::check(&queue.tags)?;
    tx.put_row(&name.key(), &queue)?;
    tx.commit().await?;
    Ok(TagQueueOutput {})
}
