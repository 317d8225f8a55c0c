//! Replaying what a topic keeps to one subscription: page by page, each message a delivery of its own, in the order in which
//! they were published. What is published meanwhile comes by the same way, for it is kept as well; that nothing is left and that
//! the replay is through are one transaction.

use serde::{Deserialize, Serialize};
use updraft_delivery::{DeadLetter, Delivery, Verdict};
use updraft_kernel::ports::{AttributeContent, QueueAttribute};
use updraft_kernel::{AwsError, Ctx, RngExt, UnixMillis};
use updraft_store::{Row, ScanOptions, StoreExt, Tx, encode_row};

use super::{DEAD, REPLAY, RETRY};
use crate::Sns;
use crate::keys::{ArchivedKey, BehindKey, Numbered, Place, SubscriptionKey, TopicKey, Waits};
use crate::model::archive::{Archived, Status, Window, begin, is_run, went_on};
use crate::model::filter::Filter;
use crate::model::message::Notification;
use crate::model::name::{SubscriptionId, TopicId};
use crate::model::publication::Publication;
use crate::model::subscription::Subscription;
use crate::model::topic::Topic;
use crate::protocols;
use crate::publish::until_done;

/// Messages in one attempt, and bytes of them.
const PAGE: ScanOptions = ScanOptions { limit: 50, max_bytes: 4 << 20, reverse: false, snapshot: false, head: false };

/// What is left of a replay. Lies in the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Replay {
    pub(crate) place: Place,
    /// Which of the subscription's replays it is: a later one ends it.
    pub(crate) run: String,
    pub(crate) from: UnixMillis,
    pub(crate) until: Option<UnixMillis>,
    /// Behind this one.
    pub(crate) after: Option<(UnixMillis, String)>,
}

impl Row for Replay {
    const VERSION: u8 = 1;
}

/// Begins when `tx` commits. `row` is to be written afterwards.
///
/// # Errors
/// If it can't be written.
pub(crate) async fn replay_later(
    svc: &Sns,
    cx: &Ctx,
    tx: &mut Tx,
    (place, row): (&Place, &mut Subscription),
) -> Result<(), AwsError> {
    let policy = row.attribute("ReplayPolicy").map(Window::read);
    let Some(Ok(Window { from, until })) = policy else { return Ok(()) };
    let replay = Replay { place: place.clone(), run: cx.rng.uuid(), from, until, after: None };
    begin(row, &replay.run);
    svc.parts.outbox.enqueue(tx, delivery(&replay)?).await?;
    Ok(())
}

fn delivery(replay: &Replay) -> Result<Delivery, AwsError> {
    let behind = replay.after.as_ref().map(|(_, sequence)| sequence.as_str()).unwrap_or_default();
    Ok(Delivery {
        id: format!("sns/replay/{}/{behind}", replay.run),
        kind: REPLAY.to_owned(),
        target: arn(&replay.place.topic_id(), &replay.place.id),
        ordering_key: None,
        payload: encode_row(replay)?.to_vec(),
        policy: until_done(),
        dead_letter: None,
        failure: None,
        dedup_for: None,
    })
}

fn arn(topic: &TopicId, id: &str) -> String {
    SubscriptionId { topic: topic.clone(), id: id.to_owned() }.arn()
}

impl Sns {
    /// One page; what follows are its messages, and the rest.
    pub(super) async fn play_again(&self, replay: &Replay) -> Result<Verdict, AwsError> {
        let id = replay.place.topic_id();
        let numbered = Numbered { topic: &id, number: replay.place.number };
        let mut tx = self.parts.store.write().await?;
        let topic = tx.row(&TopicKey(&id)).await?.filter(|topic| topic.number == numbered.number);
        let key = SubscriptionKey(numbered, &replay.place.id);
        let row = tx.row(&key).await?.filter(|row| is_run(row, &replay.run));
        let (Some(topic), Some(mut row)) = (topic, row) else { return Ok(Verdict::Done) };
        let range = ArchivedKey::between(numbered, replay.from, replay.until, replay.after.as_ref());
        let page = tx.rows::<ArchivedKey<'_>>(range, PAGE).await?;
        let kept: Vec<_> = page.rows.into_iter().map(|(_, kept)| kept).collect();
        let last = kept.last().map(|last| (last.at, last.message.sequence.clone().unwrap_or_default()));
        let wanted = wanted(&row, &kept);
        for message in &wanted {
            let Notification { group, id, .. } = &message.message;
            let group = group.as_deref().unwrap_or_default();
            tx.put_row(&BehindKey { topic: numbered, subscription: &replay.place.id, group, id }, &Waits)?;
        }
        let mut follow: Vec<_> =
            wanted.into_iter().map(|kept| again(replay, (&topic, &row), kept)).collect::<Result<_, _>>()?;
        let status = if page.more { Status::InProgress } else { Status::Completed };
        went_on(&mut row, status, last.as_ref().map(|(_, sequence)| sequence.as_str()));
        tx.put_row(&key, &row)?;
        tx.commit().await?;
        if page.more {
            follow.push(delivery(&Replay { after: last, ..replay.clone() })?);
        }
        Ok(if follow.is_empty() { Verdict::Done } else { Verdict::Then(follow) })
    }
}

fn wanted<'a>(row: &Subscription, kept: &'a [Archived]) -> Vec<&'a Archived> {
    let filter = Filter::of(row);
    let takes = |one: &&Archived| filter.as_ref().is_some_and(|filter| filter.takes(&one.message, &row.protocol));
    kept.iter().filter(takes).collect()
}

/// The message, marked as one that was there before.
fn again(replay: &Replay, (topic, row): (&Topic, &Subscription), kept: &Archived) -> Result<Delivery, AwsError> {
    let mut message = kept.message.clone();
    let replayed =
        QueueAttribute { data_type: "String".to_owned(), content: AttributeContent::Text("true".to_owned()) };
    message.attributes.insert("Replayed".to_owned(), replayed);
    let Place { account, region, topic: name, number, id } = replay.place.clone();
    let target = arn(&replay.place.topic_id(), &id);
    let (delivery_id, ordering_key) = (format!("sns/{}/{id}/{}", message.id, replay.run), message.group.clone());
    let publication = Publication {
        account,
        region,
        topic: name,
        number,
        subscribed: topic.subscribed,
        endpoint: kept.endpoint.clone(),
        at: kept.at,
        trace: None,
        only: Some(id),
        after: None,
        messages: vec![message],
    };
    Ok(Delivery {
        id: delivery_id,
        kind: RETRY.to_owned(),
        target: target.clone(),
        ordering_key,
        payload: encode_row(&publication)?.to_vec(),
        policy: protocols::retries(topic, row),
        dead_letter: Some(DeadLetter { kind: DEAD.to_owned(), target }),
        failure: None,
        dedup_for: None,
    })
}
