//! Constructors for the errors this service answers, in AWS's words.

use updraft_api_s3::errors as model;
use updraft_kernel::{AwsError, ErrorCode};

use crate::codes;

pub(crate) fn no_such_bucket(name: &str) -> AwsError {
    AwsError::new(&model::NO_SUCH_BUCKET, "The specified bucket does not exist").with("BucketName", name)
}

pub(crate) fn invalid_bucket_name(name: &str) -> AwsError {
    AwsError::new(&codes::INVALID_BUCKET_NAME, "The specified bucket is not valid.").with("BucketName", name)
}

pub(crate) fn already_owned_by_you(name: &str) -> AwsError {
    let message = "Your previous request to create the named bucket succeeded and you already own it.";
    AwsError::new(&model::BUCKET_ALREADY_OWNED_BY_YOU, message).with("BucketName", name)
}

pub(crate) fn already_exists(name: &str) -> AwsError {
    let message = "The requested bucket name is not available. The bucket namespace is shared by all users of the \
                   system. Please select a different name and try again.";
    AwsError::new(&model::BUCKET_ALREADY_EXISTS, message).with("BucketName", name)
}

/// `versions`: versions of objects may be there that a listing of objects doesn't show.
pub(crate) fn not_empty(name: &str, versions: bool) -> AwsError {
    let message = if versions {
        "The bucket you tried to delete is not empty. You must delete all versions in the bucket."
    } else {
        "The bucket you tried to delete is not empty"
    };
    AwsError::new(&codes::BUCKET_NOT_EMPTY, message).with("BucketName", name)
}

/// `given`: what stands in the request; `None`: nothing.
pub(crate) fn illegal_location(given: Option<&str>) -> AwsError {
    let given = given.unwrap_or("unspecified");
    let message = format!(
        "The {given} location constraint is incompatible for the region specific endpoint this request was sent to."
    );
    AwsError::new(&codes::ILLEGAL_LOCATION_CONSTRAINT, message)
}

pub(crate) fn invalid_location(given: &str) -> AwsError {
    let message = "The specified location-constraint is not valid";
    AwsError::new(&codes::INVALID_LOCATION_CONSTRAINT, message).with("LocationConstraint", given)
}

pub(crate) fn access_denied() -> AwsError {
    AwsError::new(&codes::ACCESS_DENIED, "Access Denied")
}

pub(crate) fn invalid_bucket_owner(given: &str) -> AwsError {
    let message = format!("The value of the expected bucket owner parameter must be an AWS Account ID... [{given}]");
    AwsError::new(&codes::INVALID_BUCKET_OWNER, message)
}

/// `name`: the header, parameter or element that is wrong.
pub(crate) fn invalid_argument(name: &str, message: impl Into<String>) -> AwsError {
    AwsError::new(&codes::INVALID_ARGUMENT, message.into()).with("ArgumentName", name)
}

/// As [`invalid_argument`], and what it was.
pub(crate) fn invalid_value(name: &str, value: &str, message: impl Into<String>) -> AwsError {
    invalid_argument(name, message).with("ArgumentValue", value)
}

pub(crate) fn malformed_xml() -> AwsError {
    let message = "The XML you provided was not well-formed or did not validate against our published schema";
    AwsError::new(&codes::MALFORMED_XML, message)
}

pub(crate) fn invalid_request(message: impl Into<String>) -> AwsError {
    AwsError::new(&codes::INVALID_REQUEST, message.into())
}

pub(crate) fn invalid_bucket_state(message: &'static str) -> AwsError {
    AwsError::new(&codes::INVALID_BUCKET_STATE, message)
}

pub(crate) fn versioning_unspecified() -> AwsError {
    AwsError::new(&codes::ILLEGAL_VERSIONING_CONFIGURATION, "The Versioning element must be specified")
}

pub(crate) fn acl_against_ownership() -> AwsError {
    let message = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting";
    AwsError::new(&codes::INVALID_BUCKET_ACL_WITH_OBJECT_OWNERSHIP, message)
}

pub(crate) fn invalid_tag(message: &'static str) -> AwsError {
    AwsError::new(&codes::INVALID_TAG, message)
}

/// AWS: deletions are protected by a device's code only by who shows one, and there are no devices here.
pub(crate) fn mfa_needed() -> AwsError {
    AwsError::new(&codes::ACCESS_DENIED, "Mfa Authentication must be used for this request")
}

pub(crate) fn bad_request(message: String) -> AwsError {
    AwsError::new(&codes::BAD_REQUEST, message)
}

/// A configuration of which a bucket has none. `name`: the bucket's.
pub(crate) fn not_configured(code: &'static ErrorCode, message: &'static str, name: &str) -> AwsError {
    AwsError::new(code, message).with("BucketName", name)
}
