//! What is answered to forms that can't be served, in AWS's words.

use updraft_kernel::{AwsError, ErrorCode};

use super::policy::Wrong;

static ACCESS_DENIED: ErrorCode = ErrorCode::sender("AccessDenied", 403);
static ENTITY_TOO_LARGE: ErrorCode = ErrorCode::sender("EntityTooLarge", 400);
static ENTITY_TOO_SMALL: ErrorCode = ErrorCode::sender("EntityTooSmall", 400);
static INVALID_ARGUMENT: ErrorCode = ErrorCode::sender("InvalidArgument", 400);
static INVALID_POLICY_DOCUMENT: ErrorCode = ErrorCode::sender("InvalidPolicyDocument", 400);
static MALFORMED: ErrorCode = ErrorCode::sender("MalformedPOSTRequest", 400);
static PRECONDITION_FAILED: ErrorCode = ErrorCode::sender("PreconditionFailed", 412);
static TOO_MUCH: ErrorCode = ErrorCode::sender("MaxPostPreDataLengthExceeded", 400);

pub(super) fn no_form() -> AwsError {
    AwsError::new(&PRECONDITION_FAILED, "At least one of the pre-conditions you specified did not hold")
        .with("Condition", "Bucket POST must be of the enclosure-type multipart/form-data")
}

pub(super) fn malformed() -> AwsError {
    AwsError::new(&MALFORMED, "The body of your POST request is not well-formed multipart/form-data.")
}

pub(super) fn no_file() -> AwsError {
    AwsError::new(&INVALID_ARGUMENT, "POST requires exactly one file upload per request.")
        .with("ArgumentName", "file")
        .with("ArgumentValue", "0")
}

pub(super) fn too_much(most: usize) -> AwsError {
    AwsError::new(&TOO_MUCH, "Your POST request fields preceding the upload file were too large.")
        .with("MaxPostPreDataLengthAllowed", most.to_string())
}

/// A field that has to be there.
pub(super) fn missing(name: &'static str) -> AwsError {
    let message = format!(
        "Bucket POST must contain a field named '{name}'.  If it is specified, please check the order of the fields."
    );
    AwsError::new(&INVALID_ARGUMENT, message).with("ArgumentName", name).with("ArgumentValue", "")
}

pub(super) fn wrong_field(name: &'static str, value: &str, message: &'static str) -> AwsError {
    AwsError::new(&INVALID_ARGUMENT, message).with("ArgumentName", name).with("ArgumentValue", value)
}

pub(super) fn too_large(size: u64, most: u64) -> AwsError {
    AwsError::new(&ENTITY_TOO_LARGE, "Your proposed upload exceeds the maximum allowed size")
        .with("ProposedSize", size.to_string())
        .with("MaxSizeAllowed", most.to_string())
}

pub(super) fn too_small(size: u64, least: u64) -> AwsError {
    AwsError::new(&ENTITY_TOO_SMALL, "Your proposed upload is smaller than the minimum allowed size")
        .with("ProposedSize", size.to_string())
        .with("MinSizeAllowed", least.to_string())
}

pub(super) fn refused(wrong: &Wrong) -> AwsError {
    let denied = |why: String| AwsError::new(&ACCESS_DENIED, format!("Invalid according to Policy: {why}"));
    match wrong {
        Wrong::Document(why) => AwsError::new(&INVALID_POLICY_DOCUMENT, format!("Invalid Policy: {why}")),
        Wrong::Expired => denied("Policy expired.".to_owned()),
        Wrong::Condition(condition) => denied(format!("Policy Condition failed: {condition}")),
        Wrong::Extra(name) => denied(format!("Extra input fields: {name}")),
    }
}
