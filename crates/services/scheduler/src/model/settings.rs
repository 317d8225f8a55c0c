//! What a client says of a schedule, read at the door.

use updraft_api_scheduler::types::{
    ActionAfterCompletion, CreateScheduleInput, FlexibleTimeWindow, FlexibleTimeWindowMode, ScheduleState, Target,
    UpdateScheduleInput,
};
use updraft_kernel::{AwsError, UnixMillis};
use updraft_schedule::{Expression, Style, Zone};

use super::schedule::Settings;
use super::target;
use crate::errors::invalid;

/// AWS: how long ago a schedule may begin.
const BEGUN: i64 = 5 * 60 * 1_000;

/// The two operations that say all of a schedule say it alike.
pub(crate) fn as_if_new(input: UpdateScheduleInput) -> CreateScheduleInput {
    let UpdateScheduleInput { name, group_name, schedule_expression, start_date, end_date, description, .. } = input;
    CreateScheduleInput {
        name,
        group_name,
        schedule_expression,
        start_date,
        end_date,
        description,
        schedule_expression_timezone: input.schedule_expression_timezone,
        state: input.state,
        kms_key_arn: input.kms_key_arn,
        target: input.target,
        flexible_time_window: input.flexible_time_window,
        client_token: input.client_token,
        action_after_completion: input.action_after_completion,
    }
}

impl Settings {
    /// # Errors
    /// In AWS's words, if it can't be so.
    pub(crate) fn read(input: CreateScheduleInput, now: UnixMillis) -> Result<Self, AwsError> {
        let settings = Self {
            expression: input.schedule_expression,
            zone: input.schedule_expression_timezone.unwrap_or_else(|| "UTC".to_owned()),
            start: input.start_date,
            end: input.end_date,
            description: input.description,
            enabled: input.state != Some(ScheduleState::Disabled),
            kms_key: input.kms_key_arn,
            target: accepted(input.target)?,
            window: window(&input.flexible_time_window)?,
            ends: input.action_after_completion == Some(ActionAfterCompletion::Delete),
        };
        settings.check(now).map(|()| settings)
    }

    fn check(&self, now: UnixMillis) -> Result<(), AwsError> {
        let expression = Expression::parse(&self.expression, Style::Scheduler).map_err(invalid)?;
        if Zone::parse(&self.zone).is_none() {
            return Err(invalid(format_args!("Invalid Schedule Expression Timezone {}.", self.zone)));
        }
        // AWS: they are ignored for what is due once.
        if expression.is_once() {
            return Ok(());
        }
        if self.start.is_some_and(|start| start.0 < now.0 - BEGUN) {
            return Err(invalid("The StartDate you specify cannot be earlier than 5 minutes ago."));
        }
        if self.end.is_some_and(|end| end.0 < now.0) {
            return Err(invalid("The EndDate you specify cannot be in the past."));
        }
        if self.start.zip(self.end).is_some_and(|(start, end)| end <= start) {
            return Err(invalid("The EndDate you specify must be after the StartDate."));
        }
        Ok(())
    }
}

fn accepted(given: Target) -> Result<String, AwsError> {
    target::check(&given)?;
    Ok(target::written(given))
}

fn window(given: &FlexibleTimeWindow) -> Result<Option<u32>, AwsError> {
    let minutes = given.maximum_window_in_minutes.and_then(|minutes| u32::try_from(minutes).ok());
    match (&given.mode, minutes) {
        (FlexibleTimeWindowMode::Flexible, Some(minutes)) => Ok(Some(minutes)),
        (FlexibleTimeWindowMode::Flexible, None) => {
            Err(invalid("MaximumWindowInMinutes must be provided when the flexible time window Mode is FLEXIBLE."))
        }
        (_, Some(_)) => {
            Err(invalid("MaximumWindowInMinutes must not be provided when the flexible time window Mode is OFF."))
        }
        (_, None) => Ok(None),
    }
}
