//! This service's errors.

use updraft_kernel::{AwsError, ErrorCode};

static VALIDATION: ErrorCode = ErrorCode::sender("ValidationError", 400);
static ACCESS_DENIED: ErrorCode = ErrorCode::sender("AccessDenied", 403);

pub(crate) fn validation(message: impl Into<String>) -> AwsError {
    AwsError::new(&VALIDATION, message.into())
}

pub(crate) fn access_denied(message: impl Into<String>) -> AwsError {
    AwsError::new(&ACCESS_DENIED, message.into())
}

pub(crate) fn malformed_policy(message: &'static str) -> AwsError {
    AwsError::new(&updraft_api_sts::errors::MALFORMED_POLICY_DOCUMENT_EXCEPTION, message)
}
