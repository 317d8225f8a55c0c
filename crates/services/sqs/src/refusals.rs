//! Constructors for the errors that are about messages, in AWS's words.

use updraft_api_sqs::errors as code;
use updraft_kernel::{AwsError, ErrorCode, Fault};

use crate::errors::invalid_value;

/// Of no shape in the model: it comes from the framework that SQS stands on.
static MISSING_PARAMETER: ErrorCode = ErrorCode {
    name: "MissingRequiredParameterException",
    status: 400,
    fault: Fault::Sender,
    query_code: Some("MissingParameter"),
};

pub(crate) fn missing(parameter: &str) -> AwsError {
    AwsError::new(&MISSING_PARAMETER, format!("The request must contain the parameter {parameter}."))
}

pub(crate) fn no_receipt(handle: &str) -> AwsError {
    if handle.is_empty() {
        return missing("ReceiptHandle");
    }
    let message = format!("The input receipt handle \"{handle}\" is not a valid receipt handle.");
    AwsError::new(&code::RECEIPT_HANDLE_IS_INVALID, message)
}

/// AWS: of FIFO queues only.
pub(crate) fn receipt_expired(handle: &str) -> AwsError {
    invalid_value(handle, "ReceiptHandle", "The receipt handle has expired")
}

/// AWS: as clients have reported it.
pub(crate) fn attempt_is_over(id: &str) -> AwsError {
    let reason = "The receiveRequestAttemptId is not valid anymore since the receive call is not retryable";
    invalid_value(id, "ReceiveRequestAttemptId", reason)
}

pub(crate) fn not_changeable(handle: &str) -> AwsError {
    let reason = "Message does not exist or is not available for visibility timeout change";
    invalid_value(handle, "ReceiptHandle", reason)
}

pub(crate) fn over_limit() -> AwsError {
    AwsError::new(&code::OVER_LIMIT, "The maximum number of in flight messages is reached.")
}

pub(crate) fn too_many_entries(count: usize) -> AwsError {
    let message = format!("Maximum number of entries per request are 10. You have sent {count}.");
    AwsError::new(&code::TOO_MANY_ENTRIES_IN_BATCH_REQUEST, message)
}

/// `entry` as the model names it.
pub(crate) fn no_entries(entry: &str) -> AwsError {
    AwsError::new(&code::EMPTY_BATCH_REQUEST, format!("There should be at least one {entry} in the request."))
}

pub(crate) fn not_distinct(id: &str) -> AwsError {
    AwsError::new(&code::BATCH_ENTRY_IDS_NOT_DISTINCT, format!("Id {id} repeated."))
}

pub(crate) fn no_entry_id() -> AwsError {
    AwsError::new(
        &code::INVALID_BATCH_ENTRY_ID,
        "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters \
         long.",
    )
}

pub(crate) fn no_lists(operation: &str) -> AwsError {
    let message = format!("Message attribute list values in {operation} operation are not supported.");
    AwsError::new(&code::UNSUPPORTED_OPERATION, message)
}

pub(crate) fn batch_too_long(size: usize) -> AwsError {
    let message = format!("Batch requests cannot be longer than 1048576 bytes. You have sent {size} bytes.");
    AwsError::new(&code::BATCH_REQUEST_TOO_LONG, message)
}
