//! This service's errors, in AWS's words.

use updraft_api_cloudwatch::errors;
use updraft_kernel::AwsError;

pub(crate) fn invalid_value(message: impl Into<std::borrow::Cow<'static, str>>) -> AwsError {
    AwsError::new(&errors::INVALID_PARAMETER_VALUE_EXCEPTION, message)
}

pub(crate) fn invalid_combination(message: impl Into<std::borrow::Cow<'static, str>>) -> AwsError {
    AwsError::new(&errors::INVALID_PARAMETER_COMBINATION_EXCEPTION, message)
}

pub(crate) fn missing(parameter: &str) -> AwsError {
    let message = format!("The parameter {parameter} is required.");
    AwsError::new(&errors::MISSING_REQUIRED_PARAMETER_EXCEPTION, message)
}

pub(crate) fn validation(message: impl Into<std::borrow::Cow<'static, str>>) -> AwsError {
    AwsError::new(&errors::VALIDATION_EXCEPTION, message)
}

pub(crate) fn invalid_token() -> AwsError {
    AwsError::new(&errors::INVALID_NEXT_TOKEN, "The token that was given isn't valid for this request.")
}
