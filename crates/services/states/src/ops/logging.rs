//! `loggingConfiguration` of state machines.

use serde_json::{Value, json};
use updraft_api_states::types::{LogDestination, LogLevel, LoggingConfiguration};
use updraft_kernel::ports::ApiCall;
use updraft_kernel::{AwsError, Ctx};

use crate::StepFunctions;
use crate::errors::invalid_logging;
use crate::model::logging::Group;

/// As it is kept. AWS: what isn't said is that nothing is logged.
///
/// # Errors
/// If it doesn't name one log group that is there.
pub(super) async fn checked(
    svc: &StepFunctions,
    cx: &Ctx,
    given: Option<LoggingConfiguration>,
) -> Result<Option<LoggingConfiguration>, AwsError> {
    let Some(mut given) = given else { return Ok(None) };
    let level = given.level.get_or_insert(LogLevel::Off).clone();
    given.include_execution_data.get_or_insert(false);
    match given.destinations.as_deref().unwrap_or_default() {
        [] if level == LogLevel::Off => {}
        [destination] => there(svc, cx, destination).await?,
        _ => return Err(invalid_logging("Must specify exactly one Log Destination.")),
    }
    Ok(Some(given))
}

async fn there(svc: &StepFunctions, cx: &Ctx, destination: &LogDestination) -> Result<(), AwsError> {
    let missing = || invalid_logging("Log Destination not found.");
    let arn = destination.cloud_watch_logs_log_group.as_ref().and_then(|group| group.log_group_arn.as_deref());
    let group = arn.and_then(Group::of_arn).ok_or_else(missing)?;
    if (&group.account, &group.region) != (&cx.account, &cx.region) {
        return Err(missing());
    }
    let input = json!({ "LogGroupNamePrefix": group.name });
    let call = ApiCall { service: "cloudwatchlogs".to_owned(), operation: "DescribeLogGroups".to_owned(), input };
    let answer = svc.parts.dispatch.call(cx, call).await?;
    let mut named = answer.get("LogGroups").and_then(Value::as_array).into_iter().flatten();
    let found = named.any(|one| one.get("LogGroupName").and_then(Value::as_str) == Some(&group.name));
    if found { Ok(()) } else { Err(missing()) }
}
