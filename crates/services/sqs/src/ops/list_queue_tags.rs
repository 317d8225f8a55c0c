//! `ListQueueTags`: a queue's tags.

use updraft_api_sqs::types::{ListQueueTagsInput, ListQueueTagsOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Sqs;
use crate::table;

/// # Errors
/// If there is no such queue.
pub(crate) async fn list_queue_tags(
    svc: &Sqs,
    cx: &Ctx,
    input: ListQueueTagsInput,
) -> Result<ListQueueTagsOutput, AwsError> {
    let mut tx = svc.parts.store.read().await?;
    let (_, queue) = table::named(&mut tx, cx, &input.queue_url).await?;
    // AWS: no tags rather than an empty map.
    Ok(ListQueueTagsOutput { tags: Some(queue.tags).filter(|tags| !tags.is_empty()) })
}
