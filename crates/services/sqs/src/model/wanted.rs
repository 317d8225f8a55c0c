//! Which attributes whoever receives a message asks for, and the message as it is shown to them.

use std::collections::BTreeMap;

use updraft_api_sqs::types::{Message as Shown, MessageSystemAttributeName as Name, QueueAttributeName};
use updraft_kernel::AwsError;

use super::attribute::{asks_for, shown};
use super::digest;
use crate::errors::unknown_attribute;
use crate::messages::Received;

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    system: Vec<Name>,
    attributes: Vec<String>,
}

impl Wanted {
    /// # Errors
    /// If something is asked for that there isn't.
    pub(crate) fn read(
        old: Option<Vec<QueueAttributeName>>,
        system: Option<Vec<Name>>,
        attributes: Option<Vec<String>>,
    ) -> Result<Self, AwsError> {
        let old = old.into_iter().flatten().map(|name| Name::from(name.as_str()));
        let system: Vec<Name> = system.into_iter().flatten().chain(old).collect();
        if let Some(Name::Unknown(name)) = system.iter().find(|name| matches!(name, Name::Unknown(_))) {
            return Err(unknown_attribute(name));
        }
        Ok(Self { system, attributes: attributes.unwrap_or_default() })
    }

    fn wants(&self, name: &Name) -> bool {
        self.system.iter().any(|asked| asked == name || *asked == Name::All)
    }

    /// The message as it is shown.
    pub(crate) fn show(&self, received: Received) -> Shown {
        let attributes = Some(self.system(&received)).filter(|found| !found.is_empty());
        let Received { message, receipt, .. } = received;
        let wanted = |name: &str| self.attributes.iter().any(|asked| asks_for(asked, name));
        let own: BTreeMap<_, _> = message.attributes.into_iter().filter(|(name, _)| wanted(name)).collect();
        let md5_of_message_attributes = digest::of_attributes(&own);
        let own: BTreeMap<_, _> = own.into_iter().map(|(name, value)| (name, shown(value))).collect();
        Shown {
            message_id: Some(message.id),
            receipt_handle: Some(receipt),
            md5_of_body: Some(updraft_kernel::hex(&message.md5)),
            body: Some(message.body),
            attributes,
            md5_of_message_attributes,
            message_attributes: Some(own).filter(|found| !found.is_empty()),
        }
    }

    fn system(&self, received: &Received) -> BTreeMap<String, String> {
        let message = &received.message;
        [
            (Name::SenderId, Some(message.sender.clone())),
            (Name::SentTimestamp, Some(message.sent.0.to_string())),
            (Name::ApproximateReceiveCount, Some(received.receives.to_string())),
            (Name::ApproximateFirstReceiveTimestamp, Some(received.first.0.to_string())),
            (Name::SequenceNumber, received.sequence.clone()),
            (Name::MessageDeduplicationId, message.deduplication.clone()),
            (Name::MessageGroupId, message.group.clone()),
            (Name::AwsTraceHeader, message.trace.clone()),
            (Name::DeadLetterQueueSourceArn, message.source.clone()),
        ]
        .into_iter()
        .filter(|(name, _)| self.wants(name))
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value?)))
        .collect()
    }
}
