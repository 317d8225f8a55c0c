//! A publication on its way, with what its envelopes have in common: written once, however many subscriptions get it.

use std::collections::HashMap;

use serde_json::Value;
use updraft_kernel::AwsError;

use super::Parcel;
use crate::Sns;
use crate::model::envelope::{Letter, Signature};
use crate::model::message::Notification;
use crate::model::name::TopicId;
use crate::model::publication::Publication;
use crate::model::topic::Topic;
use crate::signing;

/// A message, and the protocol that something of its own is meant for, or that gets it signed in a way of its own (empty:
/// none).
type Which = (usize, String);

#[derive(Debug)]
pub(crate) struct Sheet<'a> {
    pub(crate) topic: &'a TopicId,
    pub(crate) row: &'a Topic,
    pub(crate) publication: &'a Publication,
    /// Before and behind the subscription's ARN.
    envelopes: HashMap<Which, (String, String)>,
    signatures: HashMap<Which, Option<Signature>>,
}

impl<'a> Sheet<'a> {
    /// For subscriptions of these protocols.
    ///
    /// # Errors
    /// If messages can't be signed.
    pub(crate) async fn new(
        svc: &Sns,
        (topic, row): (&'a TopicId, &'a Topic),
        publication: &'a Publication,
        protocols: &[&str],
    ) -> Result<Self, AwsError> {
        let (envelopes, signatures) = (HashMap::new(), HashMap::new());
        let mut sheet = Self { topic, row, publication, envelopes, signatures };
        for protocol in protocols {
            for (index, message) in publication.messages.iter().enumerate() {
                sheet.write(svc, which(row, (index, message), protocol), protocol).await?;
            }
        }
        Ok(sheet)
    }

    async fn write(&mut self, svc: &Sns, which: Which, protocol: &str) -> Result<(), AwsError> {
        if self.envelopes.contains_key(&which) {
            return Ok(());
        }
        let Some(mut letter) = self.letter(which.0, protocol, None) else { return Ok(()) };
        let signature = signing::sign(svc, (self.row, protocol), &letter).await?;
        letter.signature.clone_from(&signature);
        let envelope = letter.notification();
        self.envelopes.insert(which.clone(), envelope);
        self.signatures.insert(which, signature);
        Ok(())
    }

    fn letter(&self, index: usize, protocol: &str, signature: Option<Signature>) -> Option<Letter<'_>> {
        let message = self.message(index)?;
        let Publication { at, endpoint, .. } = self.publication;
        Some(Letter { topic: self.topic, message, text: message.text_for(protocol), at: *at, signature, endpoint })
    }

    pub(crate) fn message(&self, index: usize) -> Option<&Notification> {
        self.publication.messages.get(index)
    }

    /// The JSON that queues and HTTP endpoints get.
    pub(crate) fn envelope(&self, index: usize, parcel: &Parcel<'_>) -> String {
        let key = self.message(index).map(|message| which(self.row, (index, message), &parcel.row.protocol));
        let found = key.and_then(|key| self.envelopes.get(&key));
        found.map(|(before, behind)| format!("{before}{}{behind}", parcel.arn())).unwrap_or_default()
    }

    /// The event that functions get.
    pub(crate) fn event(&self, index: usize, parcel: &Parcel<'_>) -> Value {
        let protocol = &parcel.row.protocol;
        let key = self.message(index).map(|message| which(self.row, (index, message), protocol));
        let signature = key.and_then(|key| self.signatures.get(&key)).cloned().flatten();
        self.letter(index, protocol, signature).map(|letter| letter.event(&parcel.arn())).unwrap_or_default()
    }
}

fn which(topic: &Topic, (index, message): (usize, &Notification), protocol: &str) -> Which {
    let own =
        message.by_protocol.contains_key(protocol) || signing::version_for(topic, protocol) != signing::version(topic);
    (index, if own { protocol.to_owned() } else { String::new() })
}
