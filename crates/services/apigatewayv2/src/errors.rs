//! This service's errors, in AWS's words where they are known.

use updraft_api_apigatewayv2::errors as shape;
use updraft_kernel::error::code;
use updraft_kernel::{AccountId, AwsError};

pub(crate) fn bad_request(message: impl Into<String>) -> AwsError {
    AwsError::new(&shape::BAD_REQUEST_EXCEPTION, message.into())
}

pub(crate) fn not_found(message: impl Into<String>) -> AwsError {
    AwsError::new(&shape::NOT_FOUND_EXCEPTION, message.into())
}

pub(crate) fn conflict(message: impl Into<String>) -> AwsError {
    AwsError::new(&shape::CONFLICT_EXCEPTION, message.into())
}

/// Something that AWS does and updraft doesn't yet: refused, never ignored.
pub(crate) fn not_implemented(what: &str) -> AwsError {
    AwsError::new(&code::NOT_IMPLEMENTED, format!("{what} not implemented yet."))
}

// AWS: the API's id comes with the account's.
pub(crate) fn no_api(account: &AccountId, api_id: &str) -> AwsError {
    not_found(format!("Invalid API identifier specified {account}:{api_id}"))
}

pub(crate) fn bad_route_key() -> AwsError {
    bad_request(
        "The provided route key is not formatted properly for HTTP protocol. Format should be \"<HTTP METHOD> \
         /<RESOURCE PATH>\" or \"$default\"",
    )
}

pub(crate) fn route_exists(key: &str) -> AwsError {
    conflict(format!("Route with key {key} already exists for this API"))
}

pub(crate) fn conflicting_variable(key: &str, other: &str) -> AwsError {
    conflict(format!(
        "The provided route key \"{key}\" has a conflicting variable on the same hierarchical level as \"{other}\""
    ))
}

pub(crate) fn integration_in_use(route_ids: &[String]) -> AwsError {
    let ids = route_ids.join(", ");
    conflict(format!("Cannot delete Integration because it is referenced by the following Routes with Ids: [{ids}]"))
}

pub(crate) fn no_route_for_settings(key: &str) -> AwsError {
    not_found(format!("Unable to find Route by key {key} within the provided RouteSettings"))
}
