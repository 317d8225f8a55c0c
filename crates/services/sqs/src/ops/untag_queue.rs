//! `UntagQueue`: takes tags away; those that there are none of don't matter.

use updraft_api_sqs::types::{UntagQueueInput, UntagQueueOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Sqs;
use crate::table;

/// # Errors
/// If there is no such queue.
pub(crate) async fn untag_queue(svc: &Sqs, cx: &Ctx, input: UntagQueueInput) -> Result<UntagQueueOutput, AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let (name, mut queue) = table::named(&mut tx, cx, &input.queue_url).await?;
    queue.tags.retain(|key, _| !input.tag_keys.contains(key));
    tx.put_row(&name.key(), &queue)?;
    tx.commit().await?;
    Ok(UntagQueueOutput {})
}
