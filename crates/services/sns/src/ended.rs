//! Subscriptions that somebody ended by a link: whoever gets their messages is told so, and may bring them back for a while.

use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::Tx;

use crate::keys::{Ended, EndedKey, EndpointKey, Numbered, Place, TopicKey};
use crate::model::name::{SubscriptionId, TopicId};
use crate::model::subscription::Subscription;
use crate::ops::confirm_subscription::VALID;
use crate::{Sns, background, limits, table};

/// Keeps it, under the token that brings it back.
///
/// # Errors
/// If the store fails.
pub(crate) async fn remember(
    svc: &Sns,
    tx: &mut Tx,
    (place, row): (&Place, &Subscription),
    token: &str,
) -> Result<(), AwsError> {
    let (id, at) = (place.topic_id(), svc.parts.clock.now());
    let key = EndedKey { account: &id.account, region: &id.region, token };
    tx.put_row(&key, &Ended { place: place.clone(), row: row.clone(), at })?;
    let topic = Numbered { topic: &id, number: place.number };
    background::forget_ended_later(svc, tx, topic, (token, at.plus(VALID))).await
}

/// Brings it back, unless its topic has gone or has another for its endpoint. `None`: no such token is known.
///
/// # Errors
/// If there is no room for it any more, or the store fails.
pub(crate) async fn restore(
    tx: &mut Tx,
    (id, token): (&TopicId, &str),
    now: UnixMillis,
) -> Result<Option<SubscriptionId>, AwsError> {
    let key = EndedKey { account: &id.account, region: &id.region, token };
    let known = tx.row(&key).await?.filter(|ended| ended.place.topic == id.name && now.since(ended.at) <= VALID);
    let Some(Ended { place, mut row, .. }) = known else { return Ok(None) };
    let Some(mut topic) = tx.row(&TopicKey(id)).await?.filter(|topic| topic.number == place.number) else {
        return Ok(None);
    };
    let numbered = Numbered { topic: id, number: topic.number };
    let there = EndpointKey { topic: numbered, protocol: &row.protocol, endpoint: &row.endpoint };
    if let Some(crate::keys::Known(other)) = tx.row(&there).await? {
        return Ok(Some(SubscriptionId { topic: id.clone(), id: other }));
    }
    limits::check_subscriptions(&topic)?;
    topic.confirmed += 1;
    topic.deleted = topic.deleted.saturating_sub(1);
    topic.subscribed += 1;
    row.ordinal = topic.subscribed;
    table::put_subscription(tx, &place, &row).await?;
    tx.put_row(&TopicKey(id), &topic)?;
    tx.delete_row(&key);
    Ok(Some(SubscriptionId { topic: id.clone(), id: place.id }))
}
