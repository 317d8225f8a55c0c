//! What one `PutEvents` left in the outbox for one bus.

use serde::{Deserialize, Serialize};
use updraft_kernel::{AccountId, Region};
use updraft_store::Row;

use super::event::Event;
use super::name::BusId;

/// Which rules events are for. Lies in the outbox, so it never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum To {
    /// Those that they match.
    All,
    /// Those of these names, where they match.
    Some(Vec<String>),
    /// The one whose schedule made them.
    Scheduled(String),
}

/// Events for the rules of a bus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Publication {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) bus: String,
    /// Where the sender reached the platform: what URLs in answers begin with.
    pub(crate) endpoint: String,
    /// Another bus sent it here: it isn't sent on to a third.
    pub(crate) forwarded: bool,
    pub(crate) to: To,
    pub(crate) events: Vec<Event>,
}

impl Row for Publication {
    const VERSION: u8 = 1;
}

impl Publication {
    /// From outside, to whoever wants it.
    pub(crate) fn of(bus: &BusId, endpoint: &str, events: Vec<Event>) -> Self {
        Self {
            account: bus.account.clone(),
            region: bus.region.clone(),
            bus: bus.name.clone(),
            endpoint: endpoint.to_owned(),
            forwarded: false,
            to: To::All,
            events,
        }
    }

    pub(crate) fn bus_id(&self) -> BusId {
        BusId { account: self.account.clone(), region: self.region.clone(), name: self.bus.clone() }
    }
}
