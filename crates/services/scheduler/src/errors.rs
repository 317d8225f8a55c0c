//! Constructors for the errors this service answers, in AWS's words where they are known.

use std::fmt::Display;

use updraft_api_scheduler::errors as code;
use updraft_kernel::AwsError;
use updraft_kernel::error::code as general;

pub(crate) fn invalid(what: impl Display) -> AwsError {
    AwsError::new(&code::VALIDATION_EXCEPTION, what.to_string())
}

/// What an input isn't that should be JSON.
pub(crate) fn invalid_input(why: impl Display) -> AwsError {
    invalid(format_args!("Invalid RequestJson provided. Reason {why}"))
}

pub(crate) fn no_such_schedule(name: &str) -> AwsError {
    AwsError::new(&code::RESOURCE_NOT_FOUND_EXCEPTION, format!("Schedule {name} does not exist."))
}

pub(crate) fn no_such_group(name: &str) -> AwsError {
    AwsError::new(&code::RESOURCE_NOT_FOUND_EXCEPTION, format!("Schedule group {name} does not exist."))
}

pub(crate) fn schedule_exists(name: &str) -> AwsError {
    AwsError::new(&code::CONFLICT_EXCEPTION, format!("Schedule {name} already exists."))
}

pub(crate) fn group_exists(name: &str) -> AwsError {
    AwsError::new(&code::CONFLICT_EXCEPTION, format!("Schedule group {name} already exists."))
}

pub(crate) fn group_is_going(name: &str) -> AwsError {
    AwsError::new(&code::CONFLICT_EXCEPTION, format!("Schedule group {name} is being deleted."))
}

pub(crate) fn too_many_tags() -> AwsError {
    AwsError::new(&code::SERVICE_QUOTA_EXCEEDED_EXCEPTION, "A schedule group has 50 tags at most.")
}

/// A kind of target that is kept, and that nothing here runs.
pub(crate) fn not_run(service: &str) -> AwsError {
    let message =
        format!("Targets of {service} are kept and not run here; the guide's page on Scheduler lists what is.");
    AwsError::new(&general::NOT_IMPLEMENTED, message)
}
