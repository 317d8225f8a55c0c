//! Constructors for the errors this service answers, in AWS's words.

use std::fmt::Display;

use updraft_api_sns::errors as code;
use updraft_kernel::AwsError;

/// `what` follows "Invalid parameter: ".
pub(crate) fn invalid(what: impl Display) -> AwsError {
    as_it_is(format!("Invalid parameter: {what}"))
}

/// AWS: some refusals don't begin with "Invalid parameter: ".
pub(crate) fn as_it_is(message: String) -> AwsError {
    AwsError::new(&code::INVALID_PARAMETER_EXCEPTION, message)
}

/// What is wrong with a message attribute.
pub(crate) fn invalid_value(message: String) -> AwsError {
    AwsError::new(&code::INVALID_PARAMETER_VALUE_EXCEPTION, message)
}

/// `why`: which side said so.
pub(crate) fn not_allowed(who: &str, action: &str, arn: &str, why: &str) -> AwsError {
    let message = format!("User: {who} is not authorized to perform: {action} on resource: {arn} {why}");
    AwsError::new(&code::AUTHORIZATION_ERROR_EXCEPTION, message)
}

pub(crate) fn no_such_topic() -> AwsError {
    AwsError::new(&code::NOT_FOUND_EXCEPTION, "Topic does not exist")
}

/// AWS: what is kept isn't deleted in passing.
pub(crate) fn still_keeps() -> AwsError {
    AwsError::new(&code::INVALID_STATE_EXCEPTION, "Cannot delete a topic with an active ArchivePolicy")
}

pub(crate) fn no_such_subscription() -> AwsError {
    AwsError::new(&code::NOT_FOUND_EXCEPTION, "Subscription does not exist")
}

pub(crate) fn no_such_resource() -> AwsError {
    AwsError::new(&code::RESOURCE_NOT_FOUND_EXCEPTION, "Resource does not exist")
}

pub(crate) fn too_many_topics(most: u64) -> AwsError {
    AwsError::new(&code::TOPIC_LIMIT_EXCEEDED_EXCEPTION, format!("Topic limit of {most} exceeded"))
}

pub(crate) fn too_many_subscriptions(most: u64) -> AwsError {
    AwsError::new(&code::SUBSCRIPTION_LIMIT_EXCEEDED_EXCEPTION, format!("Subscription limit of {most} exceeded"))
}

pub(crate) fn too_many_filters(most: u64) -> AwsError {
    AwsError::new(&code::FILTER_POLICY_LIMIT_EXCEEDED_EXCEPTION, format!("Filter policy limit of {most} exceeded"))
}

pub(crate) fn too_many_tags() -> AwsError {
    AwsError::new(&code::TAG_LIMIT_EXCEEDED_EXCEPTION, "Could not complete request: tag quota of per resource exceeded")
}

pub(crate) fn empty_batch() -> AwsError {
    AwsError::new(&code::EMPTY_BATCH_REQUEST_EXCEPTION, "The batch request doesn't contain any entries.")
}

pub(crate) fn too_many_entries() -> AwsError {
    let message = "The batch request contains more entries than permissible.";
    AwsError::new(&code::TOO_MANY_ENTRIES_IN_BATCH_REQUEST_EXCEPTION, message)
}

pub(crate) fn same_ids() -> AwsError {
    let message = "Two or more batch entries in the request have the same Id.";
    AwsError::new(&code::BATCH_ENTRY_IDS_NOT_DISTINCT_EXCEPTION, message)
}

pub(crate) fn bad_entry_id() -> AwsError {
    let message = "The Id of a batch entry in a batch request doesn't abide by the specification.";
    AwsError::new(&code::INVALID_BATCH_ENTRY_ID_EXCEPTION, message)
}

pub(crate) fn batch_too_long() -> AwsError {
    let message = "The length of all the messages put together is more than the limit.";
    AwsError::new(&code::BATCH_REQUEST_TOO_LONG_EXCEPTION, message)
}

pub(crate) fn not_authorized(action: &str, resource: &str) -> AwsError {
    let message = format!("User: anonymous is not authorized to perform: {action} on resource: {resource}");
    AwsError::new(&code::AUTHORIZATION_ERROR_EXCEPTION, message)
}

pub(crate) fn not_found(what: &'static str) -> AwsError {
    AwsError::new(&code::NOT_FOUND_EXCEPTION, what)
}

pub(crate) fn endpoint_disabled() -> AwsError {
    AwsError::new(&code::ENDPOINT_DISABLED_EXCEPTION, "Endpoint is disabled")
}

pub(crate) fn opted_out(number: &str) -> AwsError {
    AwsError::new(&code::OPTED_OUT_EXCEPTION, format!("Phone number {number} is opted out"))
}

pub(crate) fn no_such_phone(number: &str) -> AwsError {
    AwsError::new(&code::RESOURCE_NOT_FOUND_EXCEPTION, format!("Phone number {number} does not exist"))
}

pub(crate) fn wrong_password() -> AwsError {
    AwsError::new(&code::VERIFICATION_EXCEPTION, "The one-time password is not valid")
}
