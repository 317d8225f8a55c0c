//! A topic, and what its attributes say.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use updraft_kernel::UnixMillis;
use updraft_store::Row;

/// A topic as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Topic {
    /// What belongs to it is found by. Never given again.
    pub(crate) number: u64,
    pub(crate) created: UnixMillis,
    /// How many subscriptions there ever were: each knows the number it was, and a publish the last there was, so that
    /// what was published before isn't delivered to who came after.
    pub(crate) subscribed: u64,
    pub(crate) pending: u64,
    pub(crate) confirmed: u64,
    /// `SubscriptionsDeleted`.
    pub(crate) deleted: u64,
    /// Those that were set, checked, as they are to be shown again. An attribute more is no new format.
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) tags: BTreeMap<String, String>,
    /// `DataProtectionPolicy`: kept, and shown.
    pub(crate) protection: Option<String>,
}

impl Row for Topic {
    const VERSION: u8 = 1;
}

/// The usual `MaximumMessageSize`.
pub(crate) const USUAL_SIZE: usize = 256 * 1024;

impl Topic {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    fn says(&self, name: &str, value: &str) -> bool {
        self.attribute(name) == Some(value)
    }

    pub(crate) fn is_fifo(&self) -> bool {
        self.says("FifoTopic", "true")
    }

    /// `ContentBasedDeduplication`.
    pub(crate) fn by_content(&self) -> bool {
        self.says("ContentBasedDeduplication", "true")
    }

    /// Whether duplicates are told within a message group only.
    pub(crate) fn per_group(&self) -> bool {
        self.says("FifoThroughputScope", "MessageGroup")
    }

    /// In bytes.
    pub(crate) fn max_size(&self) -> usize {
        self.attribute("MaximumMessageSize").and_then(|size| size.parse().ok()).unwrap_or(USUAL_SIZE)
    }
}
