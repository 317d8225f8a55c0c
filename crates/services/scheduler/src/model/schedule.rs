//! A schedule, as it is kept.

use serde::{Deserialize, Serialize};
use updraft_api_scheduler::types::{
    ActionAfterCompletion, FlexibleTimeWindow, FlexibleTimeWindowMode, GetScheduleOutput, ScheduleState,
    ScheduleSummary, TargetSummary,
};
use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::Row;

use super::name::ScheduleId;
use super::target;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Schedule {
    /// Tells it from another of the same name, and names its timer.
    pub(crate) number: u64,
    pub(crate) created: UnixMillis,
    pub(crate) modified: UnixMillis,
    /// Where a rate counts from.
    pub(crate) anchor: UnixMillis,
    /// What the client named the request by that made it.
    pub(crate) token: Option<String>,
    pub(crate) settings: Settings,
}

/// What the client said, checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Settings {
    pub(crate) expression: String,
    pub(crate) zone: String,
    pub(crate) start: Option<UnixMillis>,
    pub(crate) end: Option<UnixMillis>,
    pub(crate) description: Option<String>,
    pub(crate) enabled: bool,
    pub(crate) kms_key: Option<String>,
    /// In the typed JSON form.
    pub(crate) target: String,
    /// In minutes; `None`: off.
    pub(crate) window: Option<u32>,
    /// It goes with its last occurrence.
    pub(crate) ends: bool,
}

impl Row for Schedule {
    const VERSION: u8 = 1;
}

impl Schedule {
    fn state(&self) -> ScheduleState {
        if self.settings.enabled { ScheduleState::Enabled } else { ScheduleState::Disabled }
    }

    /// # Errors
    /// If its target can't be read.
    pub(crate) fn summary(&self, id: &ScheduleId) -> Result<ScheduleSummary, AwsError> {
        Ok(ScheduleSummary {
            arn: Some(id.arn().to_string()),
            name: Some(id.name.clone()),
            group_name: Some(id.group.name.clone()),
            state: Some(self.state()),
            creation_date: Some(self.created),
            last_modification_date: Some(self.modified),
            target: Some(TargetSummary { arn: target::read(&self.settings.target)?.arn }),
        })
    }

    /// # Errors
    /// If its target can't be read.
    pub(crate) fn shown(self, id: &ScheduleId) -> Result<GetScheduleOutput, AwsError> {
        let state = self.state();
        let Settings { expression, zone, start, end, description, kms_key, target, window, ends, .. } = self.settings;
        let mode = if window.is_some() { FlexibleTimeWindowMode::Flexible } else { FlexibleTimeWindowMode::Off };
        let maximum_window_in_minutes = window.and_then(|minutes| i32::try_from(minutes).ok());
        let action = if ends { ActionAfterCompletion::Delete } else { ActionAfterCompletion::None };
        Ok(GetScheduleOutput {
            arn: Some(id.arn().to_string()),
            group_name: Some(id.group.name.clone()),
            name: Some(id.name.clone()),
            schedule_expression: Some(expression),
            start_date: start,
            end_date: end,
            description,
            schedule_expression_timezone: Some(zone),
            state: Some(state),
            creation_date: Some(self.created),
            last_modification_date: Some(self.modified),
            kms_key_arn: kms_key,
            target: Some(target::read(&target)?),
            flexible_time_window: Some(FlexibleTimeWindow { mode, maximum_window_in_minutes }),
            action_after_completion: Some(action),
        })
    }
}
