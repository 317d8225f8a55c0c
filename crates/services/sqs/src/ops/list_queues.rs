//! `ListQueues`: URLs of this account's queues in this region, by name.

use updraft_api_sqs::types::{ListQueuesInput, ListQueuesOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{Key, ScanOptions, StoreExt};

use crate::Sqs;
use crate::keys::{self, QueueKey};
use crate::page::Page;
use crate::queue_url::QueueName;

const LIST: &str = "queues";

/// # Errors
/// If the page asked for is none.
pub(crate) async fn list_queues(svc: &Sqs, cx: &Ctx, input: ListQueuesInput) -> Result<ListQueuesOutput, AwsError> {
    let page = Page::parse(LIST, input.max_results, input.next_token.as_deref())?;
    let prefix = input.queue_name_prefix.unwrap_or_default();
    let key = |name| QueueKey { account: &cx.account, region: &cx.region, name };
    let mut range = key(&prefix).starting();
    if let Some(after) = &page.after {
        range = range.after(&key(after).encode());
    }
    let mut tx = svc.parts.store.read().await?;
    let found = tx.rows::<QueueKey<'_>>(range, ScanOptions::limit(page.size)).await?;
    let names: Vec<String> = found.rows.iter().map(|(key, _)| keys::name(key)).collect::<Result<_, _>>()?;
    let next_token = page.next(LIST, names.last().map(String::as_str), found.more);
    let url = |name| QueueName { account: cx.account.clone(), region: cx.region.clone(), name }.url(cx);
    let urls: Vec<String> = names.into_iter().map(url).collect();
    // AWS: no list rather than an empty one.
    Ok(ListQueuesOutput { queue_urls: Some(urls).filter(|urls| !urls.is_empty()), next_token })
}
