//! Taking messages for a topic: what `Publish`, `PublishBatch` and other services that send events to topics share.

use std::time::Duration;

use updraft_delivery::{Backoff, Delivery, RetryPolicy};
use updraft_kernel::ports::Sender;
use updraft_kernel::{AwsError, Ctx, RngExt, UnixMillis};
use updraft_store::{StoreExt, Tx, encode_row};

use crate::keys::{ArchivedKey, Numbered, Seen, SeenKey, Sequence, SequenceKey};
use crate::model::archive::{Archived, kept_for};
use crate::model::message::{Draft, Notification};
use crate::model::name::TopicId;
use crate::model::publication::Publication;
use crate::model::topic::Topic;
use crate::{Sns, background, fanout, measure, table};

/// For so long duplicates are told.
const REMEMBERED: Duration = Duration::from_secs(5 * 60);

/// AWS: sequence numbers have twenty digits.
const FIRST_SEQUENCE: u64 = 10_000_000_000_000_000_000;

/// What is answered for a message.
#[derive(Clone, Debug)]
pub(crate) struct Published {
    pub(crate) id: String,
    pub(crate) sequence: Option<String>,
}

/// The message as it goes on, and whether it does: a duplicate doesn't.
struct Taken {
    notification: Notification,
    is_new: bool,
}

impl Sns {
    /// `from`: the service that sends, where it is one, and the event's id, which it may send twice. Each draft with what was refused about it, or published. All are one transaction, and durable once this answers.
    ///
    /// # Errors
    /// What is wrong with the topic, or with all of them.
    pub(crate) async fn publish(
        &self,
        cx: &Ctx,
        id: &TopicId,
        drafts: Vec<Draft>,
        from: Option<(&Sender, &str)>,
    ) -> Result<Vec<Result<Published, AwsError>>, AwsError> {
        let sizes: usize = drafts.iter().map(Draft::size).sum();
        let mut tx = self.parts.store.write().await?;
        let topic = match from {
            Some((sender, _)) => self.topic_for(&mut tx, sender, id).await?,
            None => table::topic(&mut tx, cx, id).await?,
        };
        for draft in &drafts {
            draft.check_for(&topic)?;
        }
        let (mut answers, mut taken) = (Vec::with_capacity(drafts.len()), Vec::with_capacity(drafts.len()));
        for draft in drafts {
            let made = draft.check(topic.max_size());
            let made = made.and_then(|()| draft.into_notification(cx.rng.uuid(), topic.is_fifo()));
            let one = match made {
                Ok(notification) => self.numbered(cx, (&mut tx, id, &topic), notification).await?,
                Err(error) => {
                    answers.push(Err(error));
                    continue;
                }
            };
            let Notification { id, sequence, .. } = &one.notification;
            answers.push(Ok(Published { id: id.clone(), sequence: sequence.clone() }));
            taken.extend(Some(one.notification).filter(|_| one.is_new));
        }
        let count = taken.len();
        for messages in lanes(taken, topic.is_fifo()) {
            let endpoint = self.parts.outward.of(&cx.endpoint);
            let delivery = delivery(publication(cx, (id, &topic), messages, endpoint), from.map(|(_, once)| once))?;
            self.parts.outbox.enqueue(&mut tx, delivery).await?;
        }
        tx.commit().await?;
        measure::published(self, id, cx.now(), (count, sizes));
        Ok(answers)
    }

    /// A topic that the sender may publish to.
    async fn topic_for(&self, tx: &mut Tx, sender: &Sender, id: &TopicId) -> Result<Topic, AwsError> {
        let topic = table::any_topic(tx, id).await?;
        self.check_sender(sender, id, &topic)?;
        Ok(topic)
    }

    /// Tells duplicates, and gives what is new its number, where the topic is first-in-first-out.
    async fn numbered(
        &self,
        cx: &Ctx,
        (tx, id, topic): (&mut Tx, &TopicId, &Topic),
        mut notification: Notification,
    ) -> Result<Taken, AwsError> {
        let Some(deduplication) = notification.deduplication.clone() else {
            return Ok(Taken { notification, is_new: true });
        };
        let group = notification.group.clone().unwrap_or_default();
        let numbered = Numbered { topic: id, number: topic.number };
        let scope = if topic.per_group() { group.as_str() } else { "" };
        if let Some(seen) = seen(tx, (numbered, scope, &deduplication), cx.now()).await? {
            notification.id = seen.id;
            notification.sequence = Some(seen.sequence);
            return Ok(Taken { notification, is_new: false });
        }
        let last = tx.row(&SequenceKey(numbered)).await?.map_or(FIRST_SEQUENCE, |Sequence(last)| last);
        let next = last.wrapping_add(1);
        tx.put_row(&SequenceKey(numbered), &Sequence(next))?;
        let seen = Seen { id: notification.id.clone(), sequence: next.to_string(), at: cx.now() };
        let window = window(cx.now());
        background::forget_later(self, tx, numbered, window).await?;
        notification.sequence = Some(seen.sequence.clone());
        if kept_for(topic).is_some() {
            let (at, endpoint) = (cx.now(), self.parts.outward.of(&cx.endpoint));
            let kept = Archived { at, endpoint, message: notification.clone() };
            tx.put_row(&ArchivedKey { topic: numbered, at, sequence: &seen.sequence }, &kept)?;
        }
        tx.put_row(&SeenKey { topic: numbered, window, group: scope, id: &deduplication }, &seen)?;
        Ok(Taken { notification, is_new: true })
    }
}

async fn seen(
    tx: &mut Tx,
    (topic, group, id): (Numbered<'_>, &str, &str),
    now: UnixMillis,
) -> Result<Option<Seen>, AwsError> {
    let this = window(now);
    let keys = [this, this.saturating_sub(1)].map(|window| SeenKey { topic, window, group, id });
    let found = tx.row_many(&keys).await?;
    Ok(found.into_iter().flatten().find(|seen| now.since(seen.at) < REMEMBERED))
}

/// Duplicates are looked for in the span of time that is now and in the one before.
fn window(now: UnixMillis) -> u64 {
    let span = u64::try_from(REMEMBERED.as_millis()).unwrap_or(u64::MAX);
    u64::try_from(now.0).unwrap_or(0) / span
}

/// When nothing is looked for any more in a window.
pub(crate) fn end_of(window: u64) -> UnixMillis {
    let end = u32::try_from(window.saturating_add(2)).unwrap_or(u32::MAX);
    UnixMillis(0).plus(REMEMBERED.saturating_mul(end))
}

/// What goes one after the other goes together: all of it, or each group of a topic that is first-in-first-out.
fn lanes(messages: Vec<Notification>, fifo: bool) -> Vec<Vec<Notification>> {
    let mut lanes: Vec<Vec<Notification>> = Vec::new();
    for message in messages {
        let same =
            |lane: &&mut Vec<Notification>| !fifo || lane.first().is_some_and(|first| first.group == message.group);
        match lanes.iter_mut().find(same) {
            Some(lane) => lane.push(message),
            None => lanes.push(vec![message]),
        }
    }
    lanes
}

/// `endpoint`: as readers reach the platform.
fn publication(
    cx: &Ctx,
    (id, topic): (&TopicId, &Topic),
    messages: Vec<Notification>,
    endpoint: String,
) -> Publication {
    Publication {
        account: id.account.clone(),
        region: id.region.clone(),
        topic: id.name.clone(),
        number: topic.number,
        subscribed: topic.subscribed,
        endpoint,
        at: cx.now(),
        trace: cx.trace.as_deref().map(str::to_owned),
        only: None,
        after: None,
        messages,
    }
}

/// `once`: what tells the same publish, sent again.
fn delivery(publication: Publication, once: Option<&str>) -> Result<Delivery, AwsError> {
    let first = publication.messages.first();
    let id = once.or(first.map(|message| message.id.as_str())).unwrap_or_default().to_owned();
    let ordering_key = first.filter(|message| message.sequence.is_some()).and_then(|message| message.group.clone());
    Ok(Delivery {
        id: format!("sns/{id}"),
        kind: fanout::PUBLISH.to_owned(),
        target: publication.topic_id().arn().to_string(),
        ordering_key,
        payload: encode_row(&publication)?.to_vec(),
        policy: until_done(),
        dead_letter: None,
        failure: None,
        dedup_for: once.map(|_| Duration::from_secs(3600)),
    })
}

/// Handing it to the subscriptions is the platform's own business, so that nothing but its end is the end.
pub(crate) fn until_done() -> RetryPolicy {
    let backoff =
        Backoff::Exponential { min: Duration::from_millis(100), max: Duration::from_secs(30), jitter_percent: 25 };
    RetryPolicy { max_attempts: u32::MAX, max_age: Duration::MAX, backoff }
}
