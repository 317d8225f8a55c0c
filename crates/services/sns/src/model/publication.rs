//! What one `Publish` or `PublishBatch` left in the outbox.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use updraft_kernel::{AccountId, Region, UnixMillis};
use updraft_store::Row;

use super::message::Notification;
use super::name::TopicId;

/// Messages for the subscriptions of a topic, or for one of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Publication {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) topic: String,
    /// The topic's.
    pub(crate) number: u64,
    /// How many subscriptions there had been: later ones don't get it.
    pub(crate) subscribed: u64,
    /// Where the publisher reached the platform: what URLs in envelopes begin with.
    pub(crate) endpoint: String,
    pub(crate) at: UnixMillis,
    /// `X-Amzn-Trace-Id` of the publish.
    pub(crate) trace: Option<String>,
    /// For this subscription alone, which couldn't take it the first time.
    pub(crate) only: Option<String>,
    /// For those behind this one: the others have theirs.
    pub(crate) after: Option<String>,
    pub(crate) messages: Vec<Notification>,
}

impl Row for Publication {
    const VERSION: u8 = 1;
}

impl Publication {
    pub(crate) fn topic_id(&self) -> TopicId {
        TopicId { account: self.account.clone(), region: self.region.clone(), name: self.topic.clone() }
    }

    /// What is left of it for one subscription.
    pub(crate) fn rest(&self, subscription: &str, messages: Vec<Notification>) -> Self {
        Self { only: Some(subscription.to_owned()), after: None, messages, ..self.without_messages() }
    }

    /// What is left of it for those behind `last`.
    pub(crate) fn behind(&self, last: &str) -> Self {
        Self { after: Some(last.to_owned()), messages: self.messages.clone(), ..self.without_messages() }
    }

    fn without_messages(&self) -> Self {
        Self {
            account: self.account.clone(),
            region: self.region.clone(),
            topic: self.topic.clone(),
            endpoint: self.endpoint.clone(),
            trace: self.trace.clone(),
            only: self.only.clone(),
            after: self.after.clone(),
            messages: Vec::new(),
            ..*self
        }
    }
}

/// A UUID that is the same each time for the same two.
pub(crate) fn id_of(message: &str, subscription: &str) -> String {
    let hash = Sha256::digest([message.as_bytes(), b"/", subscription.as_bytes()].concat());
    let bytes = hash.iter().take(16).fold(0_u128, |all, byte| all << 8 | u128::from(*byte));
    let number = (bytes & !(0xF << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{number:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}
