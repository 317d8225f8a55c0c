//! Constructors for the errors this service answers, in AWS's words.

use updraft_api_sqs::errors as code;
use updraft_kernel::{AwsError, ErrorCode, Fault};

/// Of no shape in the model: it comes from the framework that SQS stands on.
static INVALID_PARAMETER_VALUE: ErrorCode = ErrorCode {
    name: "InvalidParameterValueException",
    status: 400,
    fault: Fault::Sender,
    query_code: Some("InvalidParameterValue"),
};

pub(crate) fn no_such_queue() -> AwsError {
    AwsError::new(&code::QUEUE_DOES_NOT_EXIST, "The specified queue does not exist.")
}

/// Of no shape in the model.
static ACCESS_DENIED: ErrorCode =
    ErrorCode { name: "AccessDeniedException", status: 403, fault: Fault::Sender, query_code: Some("AccessDenied") };

pub(crate) fn access_denied(url: &str) -> AwsError {
    AwsError::new(&ACCESS_DENIED, format!("Access to the resource {url} is denied."))
}

/// What a policy says to somebody of the queue's own account, and to services.
pub(crate) fn denied(who: &str, action: &str, arn: &str, why: &str) -> AwsError {
    AwsError::new(
        &ACCESS_DENIED,
        format!("User: {who} is not authorized to perform: {action} on resource: {arn} {why}"),
    )
}

pub(crate) fn invalid_parameter(message: impl Into<String>) -> AwsError {
    AwsError::new(&INVALID_PARAMETER_VALUE, message.into())
}

/// `Value … for parameter … is invalid. Reason: ….`
pub(crate) fn invalid_value(value: &str, parameter: &str, reason: &str) -> AwsError {
    invalid_parameter(format!("Value {value} for parameter {parameter} is invalid. Reason: {reason}."))
}

pub(crate) fn too_many_actions(count: usize) -> AwsError {
    AwsError::new(&code::OVER_LIMIT, format!("{count} Actions were found, maximum allowed is 7."))
}

pub(crate) fn too_much_policy(message: String) -> AwsError {
    AwsError::new(&code::OVER_LIMIT, message)
}

pub(crate) fn purge_in_progress(name: &str) -> AwsError {
    let message = format!("Only one PurgeQueue operation on {name} is allowed every 60 seconds.");
    AwsError::new(&code::PURGE_QUEUE_IN_PROGRESS, message)
}

pub(crate) fn no_such_resource(parameter: &str) -> AwsError {
    let message = format!("The resource that you specified for the {parameter} parameter doesn't exist.");
    AwsError::new(&code::RESOURCE_NOT_FOUND_EXCEPTION, message)
}

pub(crate) fn unknown_attribute(name: &str) -> AwsError {
    AwsError::new(&code::INVALID_ATTRIBUTE_NAME, format!("Unknown Attribute {name}."))
}

pub(crate) fn invalid_attribute(name: &str) -> AwsError {
    AwsError::new(&code::INVALID_ATTRIBUTE_VALUE, format!("Invalid value for the parameter {name}."))
}

pub(crate) fn invalid_attribute_because(name: &str, reason: &str) -> AwsError {
    let message = format!("Invalid value for the parameter {name}. Reason: {reason}.");
    AwsError::new(&code::INVALID_ATTRIBUTE_VALUE, message)
}

pub(crate) fn two_encryptions() -> AwsError {
    AwsError::new(
        &code::INVALID_ATTRIBUTE_VALUE,
        "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.",
    )
}

pub(crate) fn invalid_address(url: &str) -> AwsError {
    AwsError::new(&code::INVALID_ADDRESS, format!("The address {url} is not valid for this endpoint."))
}

pub(crate) fn exists_otherwise(attribute: &str) -> AwsError {
    let message = format!("A queue already exists with the same name and a different value for attribute {attribute}");
    AwsError::new(&code::QUEUE_NAME_EXISTS, message)
}

pub(crate) fn deleted_recently() -> AwsError {
    AwsError::new(
        &code::QUEUE_DELETED_RECENTLY,
        "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
    )
}
