//! How many there may be of what an account makes. What isn't seen from a row is counted in rows of its own.

use updraft_kernel::AwsError;
use updraft_store::Tx;

use crate::errors::{too_many_filters, too_many_subscriptions, too_many_topics};
use crate::keys::{Count, CountKey, Counted, Numbered};
use crate::model::name::TopicId;
use crate::model::topic::Topic;

/// Filter policies of a topic, and of an account in a region.
const TOPIC_FILTERS: u64 = 200;
const ACCOUNT_FILTERS: u64 = 10_000;
/// Topics of an account in a region, and what may subscribe to each: of those that keep an order, and of others.
const FIFO_TOPICS: u64 = 1_000;
const TOPICS: u64 = 100_000;
const FIFO_SUBSCRIPTIONS: u64 = 100;
const SUBSCRIPTIONS: u64 = 12_500_000;

/// A topic is made.
///
/// # Errors
/// If there are as many as there may be.
pub(crate) async fn one_topic_more(tx: &mut Tx, id: &TopicId, topic: &Topic) -> Result<(), AwsError> {
    let most = if topic.is_fifo() { FIFO_TOPICS } else { TOPICS };
    add(tx, CountKey(id, topics(topic)), most).await?.then_some(()).ok_or_else(|| too_many_topics(most))
}

/// A topic goes.
///
/// # Errors
/// If the store fails.
pub(crate) async fn one_topic_less(tx: &mut Tx, id: &TopicId, topic: &Topic) -> Result<(), AwsError> {
    take(tx, CountKey(id, topics(topic))).await
}

fn topics(topic: &Topic) -> Counted {
    Counted::Topics { fifo: topic.is_fifo() }
}

/// # Errors
/// If as many have subscribed as there may be.
pub(crate) fn check_subscriptions(topic: &Topic) -> Result<(), AwsError> {
    let most = if topic.is_fifo() { FIFO_SUBSCRIPTIONS } else { SUBSCRIPTIONS };
    if topic.confirmed + topic.pending < most { Ok(()) } else { Err(too_many_subscriptions(most)) }
}

/// Of one subscription: whether it had a filter policy, and whether it has one now.
///
/// # Errors
/// If there are as many as there may be.
pub(crate) async fn count_filter(tx: &mut Tx, topic: Numbered<'_>, had: bool, has: bool) -> Result<(), AwsError> {
    let kinds = [(Counted::FiltersOf(topic.number), TOPIC_FILTERS), (Counted::Filters, ACCOUNT_FILTERS)];
    for (kind, most) in kinds {
        let key = CountKey(topic.topic, kind);
        match (had, has) {
            (false, true) if !add(tx, key, most).await? => return Err(too_many_filters(most)),
            (true, false) => take(tx, key).await?,
            _ => {}
        }
    }
    Ok(())
}

/// Whether there was room.
async fn add(tx: &mut Tx, key: CountKey<'_>, most: u64) -> Result<bool, AwsError> {
    let Count(there) = tx.row(&key).await?.unwrap_or_default();
    if there >= most {
        return Ok(false);
    }
    tx.put_row(&key, &Count(there + 1))?;
    Ok(true)
}

/// What was made before anything was counted isn't missed.
async fn take(tx: &mut Tx, key: CountKey<'_>) -> Result<(), AwsError> {
    match tx.row(&key).await? {
        Some(Count(there)) if there > 1 => tx.put_row(&key, &Count(there - 1))?,
        Some(_) => tx.delete_row(&key),
        None => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use updraft_kernel::{AccountId, Region};
    use updraft_store::StoreExt;
    use updraft_testkit::World;

    use super::*;

    fn id() -> TopicId {
        TopicId { account: AccountId::local(), region: Region::default_region(), name: "t".into() }
    }

    async fn world(counted: Counted, count: u64) -> Tx {
        let world = World::new(updraft_store_mem::open().unwrap());
        let mut tx = world.store.write().await.unwrap();
        tx.put_row(&CountKey(&id(), counted), &Count(count)).unwrap();
        tx
    }

    fn topic(fifo: bool) -> Topic {
        let attributes = BTreeMap::from([("FifoTopic".to_owned(), fifo.to_string())]);
        Topic { number: 7, attributes, ..Topic::default() }
    }

    fn word<T>(result: Result<T, AwsError>) -> &'static str {
        result.map_or_else(|error| error.code().name, |_| "fine")
    }

    #[tokio::test]
    async fn topics_of_both_kinds_have_a_limit_and_room_where_one_goes() {
        for (fifo, most) in [(true, 1_000), (false, 100_000)] {
            let mut tx = world(Counted::Topics { fifo }, most - 1).await;
            let (id, topic) = (id(), topic(fifo));
            assert_eq!(word(one_topic_more(&mut tx, &id, &topic).await), "fine");
            assert_eq!(word(one_topic_more(&mut tx, &id, &topic).await), "TopicLimitExceeded");
            one_topic_less(&mut tx, &id, &topic).await.unwrap();
            assert_eq!(word(one_topic_more(&mut tx, &id, &topic).await), "fine");
        }
    }

    #[tokio::test]
    async fn an_accounts_filters_have_a_limit_beside_each_topics() {
        for (counted, most) in [(Counted::Filters, 10_000), (Counted::FiltersOf(7), 200)] {
            let mut tx = world(counted, most - 1).await;
            let id = id();
            let topic = Numbered { topic: &id, number: 7 };
            assert_eq!(word(count_filter(&mut tx, topic, false, true).await), "fine");
            assert_eq!(word(count_filter(&mut tx, topic, false, true).await), "FilterPolicyLimitExceeded");
            assert_eq!(word(count_filter(&mut tx, topic, true, true).await), "fine", "it counts already");
            assert_eq!(word(count_filter(&mut tx, topic, false, false).await), "fine", "it doesn't count");
            count_filter(&mut tx, topic, true, false).await.unwrap();
            assert_eq!(word(count_filter(&mut tx, topic, false, true).await), "fine");
        }
    }

    #[test]
    fn what_may_subscribe_to_a_topic() {
        for (fifo, most) in [(true, 100), (false, 12_500_000)] {
            let with = |confirmed| Topic { confirmed, pending: 1, ..topic(fifo) };
            assert_eq!(word(check_subscriptions(&with(most - 2))), "fine");
            assert_eq!(word(check_subscriptions(&with(most - 1))), "SubscriptionLimitExceeded");
        }
    }
}
