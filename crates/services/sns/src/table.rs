//! Typed reads and writes over a transaction.

use updraft_kernel::{AccountId, AwsError, Ctx};
use updraft_store::{ScanOptions, Tx};

use crate::errors::{no_such_subscription, no_such_topic};
use crate::keys::{EndpointKey, Numbered, OwnedKey, Place, SubscriptionKey, TokenKey, TopicKey};
use crate::model::name::{SubscriptionId, TopicId};
use crate::model::subscription::Subscription;
use crate::model::topic::Topic;
use crate::{access, limits};

/// The topic of a request.
///
/// # Errors
/// If there is no such topic, or the caller may not.
pub(crate) async fn topic(tx: &mut Tx, cx: &Ctx, id: &TopicId) -> Result<Topic, AwsError> {
    let topic = any_topic(tx, id).await?;
    access::check(cx, id, &topic)?;
    Ok(topic)
}

/// A topic, whoever asks.
///
/// # Errors
/// If there is no such topic.
pub(crate) async fn any_topic(tx: &mut Tx, id: &TopicId) -> Result<Topic, AwsError> {
    tx.row(&TopicKey(id)).await?.ok_or_else(no_such_topic)
}

/// The subscription of a request, with its topic.
///
/// # Errors
/// If there is none, or it is another's.
pub(crate) async fn own_subscription(
    tx: &mut Tx,
    cx: &Ctx,
    id: &SubscriptionId,
) -> Result<(Topic, Subscription), AwsError> {
    let (topic, row) = subscription(tx, id).await?;
    access::check_subscription(cx, (&id.topic, &id.arn()), &row)?;
    Ok((topic, row))
}

/// With the number of its topic.
///
/// # Errors
/// If there is no such subscription.
pub(crate) async fn subscription(tx: &mut Tx, id: &SubscriptionId) -> Result<(Topic, Subscription), AwsError> {
    let topic = tx.row(&TopicKey(&id.topic)).await?.ok_or_else(no_such_subscription)?;
    let key = Numbered { topic: &id.topic, number: topic.number };
    let found = tx.row(&SubscriptionKey(key, &id.id)).await?.ok_or_else(no_such_subscription)?;
    Ok((topic, found))
}

/// Writes one that is new, and all it is found by.
///
/// # Errors
/// If it has a filter policy more than there may be, or the store fails.
pub(crate) async fn put_subscription(tx: &mut Tx, at: &Place, row: &Subscription) -> Result<(), AwsError> {
    let id = at.topic_id();
    let topic = Numbered { topic: &id, number: at.number };
    limits::count_filter(tx, topic, false, row.filters()).await?;
    tx.put_row(&SubscriptionKey(topic, &at.id), row)?;
    let Subscription { protocol, endpoint, token, .. } = row;
    tx.put_row(&EndpointKey { topic, protocol, endpoint }, &crate::keys::Known(at.id.clone()))?;
    if let Some(token) = token {
        tx.put_row(&TokenKey { account: &at.account, region: &at.region, token }, at)?;
    }
    if let Ok(owner) = AccountId::parse(&row.owner) {
        tx.put_row(&OwnedKey { owner: &owner, region: &at.region, id: &at.id }, at)?;
    }
    Ok(())
}

/// Takes it away, with all it is found by.
///
/// # Errors
/// If the store fails.
pub(crate) async fn delete_subscription(tx: &mut Tx, at: &Place, row: &Subscription) -> Result<(), AwsError> {
    let id = at.topic_id();
    let topic = Numbered { topic: &id, number: at.number };
    limits::count_filter(tx, topic, row.filters(), false).await?;
    tx.delete_row(&SubscriptionKey(topic, &at.id));
    let Subscription { protocol, endpoint, token, .. } = row;
    tx.delete_row(&EndpointKey { topic, protocol, endpoint });
    if let Some(token) = token {
        tx.delete_row(&TokenKey { account: &at.account, region: &at.region, token });
    }
    if let Ok(owner) = AccountId::parse(&row.owner) {
        tx.delete_row(&OwnedKey { owner: &owner, region: &at.region, id: &at.id });
    }
    Ok(())
}

/// Some of a topic's subscriptions, with the UUIDs they are known by, in their order; and whether there are more.
///
/// # Errors
/// If the store fails.
pub(crate) async fn subscriptions(
    tx: &mut Tx,
    topic: Numbered<'_>,
    after: Option<&str>,
    options: ScanOptions,
) -> Result<(Vec<(String, Subscription)>, bool), AwsError> {
    use updraft_store::Key;
    let mut range = topic.subscriptions();
    if let Some(after) = after {
        range = range.after(&SubscriptionKey(topic, after).encode());
    }
    let page = tx.rows::<SubscriptionKey<'_>>(range, options).await?;
    let more = page.more;
    let read = |(key, row): (bytes::Bytes, Subscription)| Ok((SubscriptionKey::id(&key)?, row));
    Ok((page.rows.into_iter().map(read).collect::<Result<_, AwsError>>()?, more))
}
