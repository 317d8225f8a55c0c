//! One occurrence of a schedule, as it lies in the outbox. It holds all it needs: its schedule may be gone by then.

use serde::{Deserialize, Serialize};
use updraft_kernel::{AccountId, Region, UnixMillis};
use updraft_store::Row;

use super::name::{GroupId, ScheduleId};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Occasion {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) group: String,
    pub(crate) name: String,
    /// What the expression says; in a flexible window it happens later.
    pub(crate) scheduled: UnixMillis,
    /// A UUID, by which targets tell a repetition.
    pub(crate) id: String,
    /// As AWS shows it.
    pub(crate) execution: String,
    /// In the typed JSON form.
    pub(crate) target: String,
}

impl Row for Occasion {
    const VERSION: u8 = 1;
}

impl Occasion {
    pub(crate) fn schedule(&self) -> ScheduleId {
        let Self { account, region, group, name, .. } = self.clone();
        ScheduleId { group: GroupId { account, region, name: group }, name }
    }
}

/// As AWS writes moments: to the second, in UTC.
pub(crate) fn written(at: UnixMillis) -> String {
    let second = jiff::Timestamp::from_second(at.0.div_euclid(1_000)).unwrap_or_default();
    second.to_string()
}
