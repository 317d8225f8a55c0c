//! Constructors for the errors this service answers, in AWS's words.

use std::fmt::Display;

use updraft_api_events::errors as code;
use updraft_kernel::AwsError;
use updraft_kernel::error::code::VALIDATION;

pub(crate) fn validation(message: impl Into<String>) -> AwsError {
    AwsError::new(&VALIDATION, message.into())
}

pub(crate) fn no_such(what: impl Display) -> AwsError {
    AwsError::new(&code::RESOURCE_NOT_FOUND_EXCEPTION, format!("{what} does not exist."))
}

pub(crate) fn no_such_bus(name: &str) -> AwsError {
    no_such(format_args!("Event bus {name}"))
}

pub(crate) fn no_such_rule(name: &str, bus: &str) -> AwsError {
    let message = format!("Rule {name} does not exist on EventBus {bus}.");
    AwsError::new(&code::RESOURCE_NOT_FOUND_EXCEPTION, message)
}

pub(crate) fn no_such_statement() -> AwsError {
    no_such("Statement with the provided id")
}

pub(crate) fn no_policy() -> AwsError {
    AwsError::new(&code::RESOURCE_NOT_FOUND_EXCEPTION, "EventBus does not have a policy.")
}

pub(crate) fn already_exists(what: impl Display) -> AwsError {
    AwsError::new(&code::RESOURCE_ALREADY_EXISTS_EXCEPTION, format!("{what} already exists."))
}

pub(crate) fn too_many() -> AwsError {
    let message = "The requested resource exceeds the maximum number allowed.";
    AwsError::new(&code::LIMIT_EXCEEDED_EXCEPTION, message)
}

pub(crate) fn policy_too_long() -> AwsError {
    let message = "The event bus policy is longer than 10240 characters.";
    AwsError::new(&code::POLICY_LENGTH_EXCEEDED_EXCEPTION, message)
}

pub(crate) fn invalid_pattern(reason: impl Display) -> AwsError {
    let message = format!("Event pattern is not valid. Reason: {reason}");
    AwsError::new(&code::INVALID_EVENT_PATTERN_EXCEPTION, message)
}

pub(crate) fn not_valid(parameter: &str) -> AwsError {
    validation(format!("Parameter {parameter} is not valid."))
}

/// `reason` follows what isn't valid.
pub(crate) fn not_valid_for(parameter: &str, reason: impl Display) -> AwsError {
    validation(format!("Parameter {parameter} is not valid. Reason: {reason}"))
}

pub(crate) fn wrong_state(what: impl Display) -> AwsError {
    AwsError::new(&code::ILLEGAL_STATUS_EXCEPTION, format!("{what} is not in a valid state for this operation."))
}
