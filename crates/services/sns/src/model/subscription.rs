//! A subscription, and what its attributes say.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use updraft_kernel::{Arn, UnixMillis};
use updraft_store::Row;

/// A subscription as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Subscription {
    pub(crate) protocol: String,
    pub(crate) endpoint: String,
    /// An account.
    pub(crate) owner: String,
    /// The ARN of who subscribed.
    pub(crate) principal: String,
    pub(crate) created: UnixMillis,
    /// Which one of the topic's it is; see [`Topic::subscribed`](super::topic::Topic::subscribed).
    pub(crate) ordinal: u64,
    pub(crate) confirmed: bool,
    /// With what it is, or was, to be confirmed.
    pub(crate) token: Option<String>,
    /// `ConfirmationWasAuthenticated`.
    pub(crate) authenticated: bool,
    /// Who may end it: its owner only, where it was confirmed so.
    pub(crate) authenticate_on_unsubscribe: bool,
    /// Those that were set, checked, as they are to be shown again. An attribute more is no new format.
    pub(crate) attributes: BTreeMap<String, String>,
}

impl Row for Subscription {
    const VERSION: u8 = 1;
}

impl Subscription {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    /// Whether it has a `FilterPolicy`.
    pub(crate) fn filters(&self) -> bool {
        self.attributes.contains_key("FilterPolicy")
    }

    /// `RawMessageDelivery`.
    pub(crate) fn is_raw(&self) -> bool {
        self.attribute("RawMessageDelivery") == Some("true")
    }

    /// `FilterPolicyScope`: the body, and not the attributes.
    pub(crate) fn filters_body(&self) -> bool {
        self.attribute("FilterPolicyScope") == Some("MessageBody")
    }

    /// Where what can't be delivered goes.
    pub(crate) fn dead_letters(&self) -> Option<Arn> {
        let policy: Value = serde_json::from_str(self.attribute("RedrivePolicy")?).ok()?;
        Arn::parse(policy.get("deadLetterTargetArn")?.as_str()?).ok()
    }
}
