//! The first attempt: to everybody.

use futures_util::stream::{self, StreamExt};
use updraft_delivery::{DeadLetter, Delivery, Failure, Verdict};
use updraft_kernel::{AwsError, BoxFuture};
use updraft_store::{ScanOptions, StoreExt, encode_row};

use super::behind::Behind;
use super::{DEAD, PUBLISH, Parcel, RETRY, Sheet};
use crate::keys::{Numbered, TopicKey};
use crate::measure::{self, Tally};
use crate::model::archive::comes_at_once;
use crate::model::filter::Filter;
use crate::model::message::Notification;
use crate::model::publication::Publication;
use crate::model::subscription::Subscription;
use crate::protocols::{self, Answer, Sent};
use crate::publish::until_done;
use crate::{Sns, logged, table};

/// Subscriptions handed to in one attempt.
const PAGE: usize = 500;
/// Handed to at once.
const AT_ONCE: usize = 64;

impl Sns {
    /// To a page of subscriptions; what follows from it are the rest of them, and what some couldn't take.
    pub(super) async fn hand_out(&self, publication: &Publication) -> Result<Verdict, AwsError> {
        let id = publication.topic_id();
        let mut tx = self.parts.store.read().await?;
        let Some(topic) = tx.row(&TopicKey(&id)).await?.filter(|topic| topic.number == publication.number) else {
            return Ok(Verdict::Done);
        };
        let numbered = Numbered { topic: &id, number: topic.number };
        let after = publication.after.as_deref();
        let (rows, more) = table::subscriptions(&mut tx, numbered, after, ScanOptions::limit(PAGE)).await?;
        let ids = rows.iter().map(|(id, _)| id.as_str());
        let behind = Behind::read(&mut tx, numbered, publication, ids).await?;
        drop(tx);
        let rest = rows.last().filter(|_| more).map(|(last, _)| publication.behind(last));
        let wanted: Vec<_> = rows.into_iter().filter(|(_, row)| is_for(publication, row)).collect();
        let enveloped = wanted.iter().filter(|(_, row)| protocols::wants_envelope(row));
        let protocols: Vec<_> = enveloped.map(|(_, row)| row.protocol.as_str()).collect();
        let sheet = Sheet::new(self, (&id, &topic), publication, &protocols).await?;
        let mut tally = Tally::default();
        let parcels = wanted.into_iter().filter_map(|(id, row)| parcel(&sheet, id, row, &mut tally));
        let parcels: Vec<_> = parcels.collect();
        let mut follow = self.hand_to_all(parcels, &behind, &mut tally).await?;
        measure::sent(self, &id, tally);
        follow.extend(rest.map(|rest| onward(&rest)).transpose()?);
        Ok(if follow.is_empty() { Verdict::Done } else { Verdict::Then(follow) })
    }

    async fn hand_to_all(
        &self,
        parcels: Vec<Parcel<'_>>,
        behind: &Behind,
        tally: &mut Tally,
    ) -> Result<Vec<Delivery>, AwsError> {
        let all: Vec<_> = parcels.into_iter().map(|parcel| self.hand_to(parcel, behind)).collect();
        let mut under_way = stream::iter(all).buffer_unordered(AT_ONCE);
        let mut follow = Vec::new();
        while let Some((parcel, sent)) = under_way.next().await {
            match sent {
                None => follow.extend(self.wait_behind(&parcel, &parcel.messages).await?),
                Some(sent) => follow.extend(self.settle(&parcel, sent, tally).await?),
            }
        }
        Ok(follow)
    }

    /// `None`: it must wait.
    fn hand_to<'a>(&'a self, parcel: Parcel<'a>, behind: &'a Behind) -> BoxFuture<'a, (Parcel<'a>, Option<Vec<Sent>>)> {
        Box::pin(async move {
            if behind.is_behind(&parcel) {
                return (parcel, None);
            }
            let sent = protocols::send(self, &parcel).await;
            (parcel, Some(sent))
        })
    }

    /// What follows from what became of a parcel.
    async fn settle(&self, parcel: &Parcel<'_>, sent: Vec<Sent>, tally: &mut Tally) -> Result<Vec<Delivery>, AwsError> {
        logged::told(self, parcel, &sent);
        let (mut later, mut follow) = (Vec::new(), Vec::new());
        for (index, sent) in parcel.messages.iter().zip(sent) {
            match sent {
                Sent::Done(_) => tally.delivered += 1,
                Sent::Later(_) | Sent::NotYet(_) => later.push(*index),
                Sent::Never(answer) => follow.extend(given_up(parcel, *index, &answer)?),
            }
        }
        if !later.is_empty() {
            follow.extend(self.wait_behind(parcel, &later).await?);
        }
        Ok(follow)
    }

    /// Deliveries of their own, which those of the same group that come after wait for.
    async fn wait_behind(&self, parcel: &Parcel<'_>, messages: &[usize]) -> Result<Vec<Delivery>, AwsError> {
        super::behind::mark(self, parcel, messages).await?;
        messages.iter().filter_map(|index| retry(parcel, *index).transpose()).collect()
    }
}

/// Whether it was there when this was published, and is confirmed.
fn is_for(publication: &Publication, row: &Subscription) -> bool {
    row.confirmed && row.ordinal <= publication.subscribed
}

/// What of it the subscription wants.
fn parcel<'a>(sheet: &'a Sheet<'a>, id: String, row: Subscription, tally: &mut Tally) -> Option<Parcel<'a>> {
    // A policy that can't be read any more lets nothing pass.
    let filter = Filter::of(&row);
    let at = sheet.publication.at;
    let mut is_for = |message: &Notification| match &filter {
        Some(filter) if filter.takes(message, &row.protocol) => comes_at_once(&row, message, at),
        Some(filter) => {
            tally.filtered_out(filter.why(message, &row.protocol));
            false
        }
        None => false,
    };
    let all = sheet.publication.messages.iter().enumerate();
    let messages: Vec<_> = all.filter(|(_, one)| is_for(one)).map(|(index, _)| index).collect();
    (!messages.is_empty()).then_some(Parcel { sheet, id, row, messages })
}

/// The rest of the subscriptions.
fn onward(rest: &Publication) -> Result<Delivery, AwsError> {
    let first = rest.messages.first();
    let id = first.map(|message| message.id.as_str()).unwrap_or_default();
    Ok(Delivery {
        id: format!("sns/{id}/behind/{}", rest.after.as_deref().unwrap_or_default()),
        kind: PUBLISH.to_owned(),
        target: rest.topic_id().arn().to_string(),
        ordering_key: first.filter(|message| message.sequence.is_some()).and_then(|message| message.group.clone()),
        payload: encode_row(rest)?.to_vec(),
        policy: until_done(),
        dead_letter: None,
        failure: None,
        dedup_for: None,
    })
}

/// One message for one subscription.
fn retry(parcel: &Parcel<'_>, index: usize) -> Result<Option<Delivery>, AwsError> {
    let Some(message) = parcel.sheet.message(index) else { return Ok(None) };
    let ordering_key = message.group.clone().filter(|_| message.sequence.is_some());
    let rest = parcel.sheet.publication.rest(&parcel.id, vec![message.clone()]);
    let target = parcel.arn();
    Ok(Some(Delivery {
        id: format!("sns/{}/{}", message.id, parcel.id),
        kind: RETRY.to_owned(),
        target: target.clone(),
        ordering_key,
        payload: encode_row(&rest)?.to_vec(),
        policy: protocols::retries(parcel.sheet.row, &parcel.row),
        dead_letter: Some(DeadLetter { kind: DEAD.to_owned(), target }),
        failure: None,
        dedup_for: None,
    }))
}

/// A message that will never be taken, on its way to the dead letters.
fn given_up(parcel: &Parcel<'_>, index: usize, answer: &Answer) -> Result<Option<Delivery>, AwsError> {
    let dead = |delivery: Delivery| Delivery {
        id: format!("{}/dead-letter", delivery.id),
        kind: DEAD.to_owned(),
        policy: until_done(),
        dead_letter: None,
        failure: Some(Failure {
            kind: delivery.kind,
            target: delivery.target.clone(),
            attempts: 1,
            reason: answer.reason(),
        }),
        ..delivery
    };
    Ok(retry(parcel, index)?.map(dead))
}
