//! Later attempts: one message, for one subscription.

use updraft_delivery::{Attempt, Verdict};
use updraft_kernel::AwsError;
use updraft_store::StoreExt;

use super::{Parcel, Sheet, behind};
use crate::keys::{Numbered, SubscriptionKey, TopicKey};
use crate::measure::{self, Tally};
use crate::model::publication::Publication;
use crate::model::subscription::Subscription;
use crate::model::topic::Topic;
use crate::protocols::{self, Sent};
use crate::{Sns, logged};

impl Sns {
    pub(super) async fn hand_again(&self, publication: &Publication, attempt: Attempt) -> Result<Verdict, AwsError> {
        let id = publication.topic_id();
        let Some((topic, name, row)) = self.whose(publication).await? else { return Ok(Verdict::Done) };
        let message = publication.messages.first().map(|message| message.id.as_str()).unwrap_or_default();
        let pause = protocols::first_pause(self, (&topic, &row), (&name, message));
        let fresh = attempt.number == 1 && attempt.busy == 0;
        if let Some(after) = pause.filter(|_| fresh) {
            return Ok(Verdict::Busy { reason: "the first retry waits".to_owned(), after });
        }
        let enveloped = Some(row.protocol.as_str()).filter(|_| protocols::wants_envelope(&row));
        let sheet = Sheet::new(self, (&id, &topic), publication, enveloped.as_slice()).await?;
        let parcel = Parcel { sheet: &sheet, id: name, row, messages: vec![0] };
        let sent = protocols::send(self, &parcel).await;
        logged::told(self, &parcel, &sent);
        Ok(match sent.into_iter().next() {
            Some(Sent::Later(answer)) => Verdict::Retry { reason: answer.reason(), after: None },
            Some(Sent::NotYet(after)) => Verdict::Busy { reason: "it waits for its turn".to_owned(), after },
            Some(Sent::Never(answer)) => Verdict::Fail(answer.reason()),
            Some(Sent::Done(_)) | None => {
                behind::unmark(self, &parcel).await?;
                measure::sent(self, &id, Tally { delivered: 1, ..Tally::default() });
                Verdict::Done
            }
        })
    }

    /// The topic, and the subscription that this is for; `None`: one of them has gone.
    pub(super) async fn whose(
        &self,
        publication: &Publication,
    ) -> Result<Option<(Topic, String, Subscription)>, AwsError> {
        let Some(name) = publication.only.clone() else { return Ok(None) };
        let id = publication.topic_id();
        let mut tx = self.parts.store.read().await?;
        let Some(topic) = tx.row(&TopicKey(&id)).await?.filter(|topic| topic.number == publication.number) else {
            return Ok(None);
        };
        let key = Numbered { topic: &id, number: topic.number };
        let row = tx.row(&SubscriptionKey(key, &name)).await?;
        Ok(row.map(|row| (topic, name, row)))
    }
}
