//! A rule as it is stored.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use updraft_api_events::types::{Rule as Shown, RuleState};
use updraft_kernel::UnixMillis;
use updraft_store::Row;

use super::name::RuleId;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rule {
    /// Tells it from one that had its name before.
    pub(crate) number: u64,
    pub(crate) created: UnixMillis,
    /// An account.
    pub(crate) created_by: String,
    pub(crate) pattern: Option<String>,
    pub(crate) schedule: Option<String>,
    /// As on the wire.
    pub(crate) state: String,
    pub(crate) description: Option<String>,
    pub(crate) role: Option<String>,
    pub(crate) tags: BTreeMap<String, String>,
}

impl Row for Rule {
    const VERSION: u8 = 1;
}

impl Rule {
    pub(crate) fn state(&self) -> RuleState {
        RuleState::from(self.state.as_str())
    }

    pub(crate) fn is_enabled(&self) -> bool {
        self.state() != RuleState::Disabled
    }

    pub(crate) fn shown(self, id: &RuleId) -> Shown {
        Shown {
            name: Some(id.name.clone()),
            arn: Some(id.arn().to_string()),
            state: Some(self.state()),
            event_pattern: self.pattern,
            description: self.description,
            schedule_expression: self.schedule,
            role_arn: self.role,
            managed_by: None,
            event_bus_name: Some(id.bus.name.clone()),
        }
    }
}
