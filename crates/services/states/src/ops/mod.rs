//! One AWS operation = one file.

pub(crate) mod create_activity;
pub(crate) mod create_state_machine;
pub(crate) mod delete_activity;
pub(crate) mod delete_state_machine;
pub(crate) mod describe_activity;
pub(crate) mod describe_execution;
pub(crate) mod describe_state_machine;
pub(crate) mod describe_state_machine_for_execution;
pub(crate) mod get_activity_task;
pub(crate) mod get_execution_history;
pub(crate) mod list_activities;
pub(crate) mod list_executions;
pub(crate) mod list_state_machines;
pub(crate) mod list_tags_for_resource;
pub(crate) mod redrive_execution;
pub(crate) mod send_task_failure;
pub(crate) mod send_task_heartbeat;
pub(crate) mod send_task_success;
pub(crate) mod start_execution;
pub(crate) mod stop_execution;
pub(crate) mod tag_resource;
mod tags;
mod tokens;
pub(crate) mod untag_resource;
pub(crate) mod update_state_machine;
pub(crate) mod validate_state_machine_definition;

use updraft_kernel::AwsError;
use updraft_kernel::error::code;

/// Versions aren't kept yet: whoever asks for one must not go on without.
fn no_versions(publish: Option<bool>) -> Result<(), AwsError> {
    match publish {
        Some(true) => Err(AwsError::new(&code::NOT_IMPLEMENTED, "Versions of state machines aren't implemented yet.")),
        _ => Ok(()),
    }
}
