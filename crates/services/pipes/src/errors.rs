//! This service's errors.

use std::borrow::Cow;

use updraft_api_pipes::errors;
use updraft_kernel::AwsError;

pub(crate) fn invalid(message: impl Into<Cow<'static, str>>) -> AwsError {
    AwsError::new(&errors::VALIDATION_EXCEPTION, message)
}

pub(crate) fn exists(name: &str) -> AwsError {
    conflict(name, format!("Pipe {name} already exists."))
}

/// `state`: that it is about to leave by itself.
pub(crate) fn busy(name: &str, state: &str) -> AwsError {
    conflict(name, format!("Pipe {name} is in state {state}. Try again when it has come to rest."))
}

fn conflict(name: &str, message: String) -> AwsError {
    AwsError::new(&errors::CONFLICT_EXCEPTION, message).with("resourceId", name).with("resourceType", "Pipe")
}

pub(crate) fn missing(name: &str) -> AwsError {
    AwsError::new(&errors::NOT_FOUND_EXCEPTION, format!("Pipe {name} does not exist."))
}
