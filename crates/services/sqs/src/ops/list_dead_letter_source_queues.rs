//! `ListDeadLetterSourceQueues`: URLs of the queues whose dead letters go to this one, by name.

use updraft_api_sqs::types::{ListDeadLetterSourceQueuesInput, ListDeadLetterSourceQueuesOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Sqs;
use crate::page::Page;
use crate::table;

const LIST: &str = "sources";

/// # Errors
/// If there is no such queue, or the page asked for is none.
pub(crate) async fn list_dead_letter_source_queues(
    svc: &Sqs,
    cx: &Ctx,
    input: ListDeadLetterSourceQueuesInput,
) -> Result<ListDeadLetterSourceQueuesOutput, AwsError> {
    let page = Page::parse(LIST, input.max_results, input.next_token.as_deref())?;
    let mut tx = svc.parts.store.read().await?;
    let (target, _) = table::named(&mut tx, cx, &input.queue_url).await?;
    let sources = table::sources(&mut tx, &target, page.after.as_deref(), page.size + 1).await?;
    let (more, shown) = (sources.len() > page.size, sources.iter().take(page.size));
    let last = shown.clone().next_back().map(|source| source.name.as_str());
    let next_token = page.next(LIST, last, more);
    Ok(ListDeadLetterSourceQueuesOutput { queue_urls: shown.map(|source| source.url(cx)).collect(), next_token })
}
