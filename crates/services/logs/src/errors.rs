//! This service's errors, in AWS's words.

use std::borrow::Cow;

use updraft_api_logs::errors;
use updraft_kernel::AwsError;

pub(crate) fn invalid(message: impl Into<Cow<'static, str>>) -> AwsError {
    AwsError::new(&errors::INVALID_PARAMETER_EXCEPTION, message)
}

pub(crate) fn no_group() -> AwsError {
    AwsError::new(&errors::RESOURCE_NOT_FOUND_EXCEPTION, "The specified log group does not exist.")
}

pub(crate) fn no_stream() -> AwsError {
    AwsError::new(&errors::RESOURCE_NOT_FOUND_EXCEPTION, "The specified log stream does not exist.")
}

pub(crate) fn no_resource() -> AwsError {
    AwsError::new(&errors::RESOURCE_NOT_FOUND_EXCEPTION, "The specified resource does not exist.")
}

pub(crate) fn group_exists() -> AwsError {
    AwsError::new(&errors::RESOURCE_ALREADY_EXISTS_EXCEPTION, "The specified log group already exists")
}

pub(crate) fn stream_exists() -> AwsError {
    AwsError::new(&errors::RESOURCE_ALREADY_EXISTS_EXCEPTION, "The specified log stream already exists")
}

pub(crate) fn invalid_token() -> AwsError {
    invalid("The specified nextToken is invalid.")
}

pub(crate) fn too_many_tags() -> AwsError {
    AwsError::new(&errors::TOO_MANY_TAGS_EXCEPTION, "The log group may have at most 50 tags.")
}
