//! A group of schedules.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use updraft_api_scheduler::types::{ScheduleGroupState, ScheduleGroupSummary};
use updraft_kernel::UnixMillis;
use updraft_store::Row;

use super::name::GroupId;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) created: UnixMillis,
    pub(crate) modified: UnixMillis,
    /// Its schedules are being deleted, and then it goes.
    pub(crate) going: bool,
    /// What the client named the request by that made it.
    pub(crate) token: Option<String>,
    pub(crate) tags: BTreeMap<String, String>,
}

impl Row for Group {
    const VERSION: u8 = 1;
}

impl Group {
    pub(crate) fn new(at: UnixMillis) -> Self {
        Self { created: at, modified: at, going: false, token: None, tags: BTreeMap::new() }
    }

    pub(crate) fn state(&self) -> ScheduleGroupState {
        if self.going { ScheduleGroupState::Deleting } else { ScheduleGroupState::Active }
    }

    pub(crate) fn summary(&self, id: &GroupId) -> ScheduleGroupSummary {
        ScheduleGroupSummary {
            arn: Some(id.arn().to_string()),
            name: Some(id.name.clone()),
            state: Some(self.state()),
            creation_date: Some(self.created),
            last_modification_date: Some(self.modified),
        }
    }
}
