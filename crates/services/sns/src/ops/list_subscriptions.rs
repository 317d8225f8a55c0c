//! `ListSubscriptions`: an account's own, of whichever topics.

use updraft_api_sns::types::{ListSubscriptionsInput, ListSubscriptionsOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{Key, ScanOptions, StoreExt};

use super::paging::{PAGE, read_token, token};
use crate::keys::{Numbered, OwnedKey, SubscriptionKey};
use crate::model::name::SubscriptionId;
use crate::{Sns, view};

pub(crate) async fn list_subscriptions(
    svc: &Sns,
    cx: &Ctx,
    input: ListSubscriptionsInput,
) -> Result<ListSubscriptionsOutput, AwsError> {
    let (owner, region) = (&cx.account, &cx.region);
    let mut range = OwnedKey::all(owner, region);
    if let Some(given) = input.next_token.filter(|token| !token.is_empty()) {
        range = range.after(&OwnedKey { owner, region, id: &read_token(&given)? }.encode());
    }
    let mut tx = svc.parts.store.read().await?;
    let page = tx.rows::<OwnedKey<'_>>(range, ScanOptions::limit(PAGE)).await?;
    let next_token = page.rows.last().filter(|_| page.more).map(|(_, last)| token(&last.id));
    let mut subscriptions = Vec::with_capacity(page.rows.len());
    for (_, place) in page.rows {
        let topic = place.topic_id();
        let key = SubscriptionKey(Numbered { topic: &topic, number: place.number }, &place.id);
        // Those of a deleted topic go one after the other.
        let Some(row) = tx.row(&key).await? else { continue };
        subscriptions.push(view::listed(&SubscriptionId { id: place.id, topic }, row));
    }
    Ok(ListSubscriptionsOutput { subscriptions: Some(subscriptions), next_token })
}
