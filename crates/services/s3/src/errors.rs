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

/// A signature for a region in which nothing can be asked for.
pub(crate) fn wrong_region(given: &str, expected: &str) -> AwsError {
    let message =
        format!("The authorization header is malformed; the region '{given}' is wrong; expecting '{expected}'");
    AwsError::new(&codes::AUTHORIZATION_HEADER_MALFORMED, message).with("Region", expected)
}

pub(crate) fn access_denied() -> AwsError {
    AwsError::new(&codes::ACCESS_DENIED, "Access Denied")
}

/// What a policy denies to somebody of the bucket's own account.
pub(crate) fn denied_by_policy(who: &str, action: &str, resource: &str) -> AwsError {
    let message = format!(
        "User: {who} is not authorized to perform: {action} on resource: \"{resource}\" with an explicit deny in a \
         resource-based policy"
    );
    AwsError::new(&codes::ACCESS_DENIED, message)
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

/// AWS: where nothing was said, it is blocked.
pub(crate) fn public_acl_blocked() -> AwsError {
    let message = "Bucket cannot have public ACLs set with BlockPublicAccess enabled";
    AwsError::new(&codes::INVALID_BUCKET_ACL_WITH_BLOCK_PUBLIC_ACCESS, message)
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

pub(crate) fn no_such_configuration() -> AwsError {
    AwsError::new(&codes::NO_SUCH_CONFIGURATION, "The specified configuration does not exist.")
}

pub(crate) fn too_many_configurations() -> AwsError {
    let message =
        "You are attempting to create a new configuration but have already reached the 1,000-configuration limit.";
    AwsError::new(&codes::TOO_MANY_CONFIGURATIONS, message)
}

pub(crate) fn id_mismatch() -> AwsError {
    AwsError::new(&codes::ID_MISMATCH, "Document ID does not match the specified configuration ID.")
}

pub(crate) fn invalid_id() -> AwsError {
    AwsError::new(&codes::INVALID_CONFIGURATION_ID, "The configuration ID is not valid.")
}

pub(crate) fn invalid_destination_bucket() -> AwsError {
    AwsError::new(&codes::INVALID_S3_DESTINATION_BUCKET, "Invalid bucket ARN.")
}

pub(crate) fn invalid_logging_target(message: &'static str, target: &str) -> AwsError {
    AwsError::new(&codes::INVALID_TARGET_BUCKET_FOR_LOGGING, message).with("TargetBucket", target)
}

pub(crate) fn invalid_retention(message: &'static str) -> AwsError {
    AwsError::new(&codes::INVALID_RETENTION_PERIOD, message)
}

pub(crate) fn malformed_policy(message: impl Into<String>) -> AwsError {
    AwsError::new(&codes::MALFORMED_POLICY, message.into())
}

pub(crate) fn malformed_acl() -> AwsError {
    let message = "The XML you provided was not well-formed or did not validate against our published schema";
    AwsError::new(&codes::MALFORMED_ACL, message)
}

pub(crate) fn missing_acl() -> AwsError {
    let message = "Your request was missing a required header";
    AwsError::new(&codes::MISSING_SECURITY_HEADER, message).with("MissingHeaderName", "x-amz-acl")
}

pub(crate) fn unexpected_content() -> AwsError {
    AwsError::new(&codes::UNEXPECTED_CONTENT, "This request does not support content")
}

pub(crate) fn unresolvable_email() -> AwsError {
    let message = "The email address you provided does not match any account on record.";
    AwsError::new(&codes::UNRESOLVABLE_EMAIL, message)
}

/// AWS: of some arguments it isn't said what is wrong with them.
pub(crate) fn argument_without_words(name: &str, value: &str) -> AwsError {
    invalid_value(name, value, "")
}

pub(crate) fn acls_not_supported() -> AwsError {
    AwsError::new(&codes::ACCESS_CONTROL_LIST_NOT_SUPPORTED, "The bucket does not allow ACLs")
}

/// What each missing destination is called in the error, and what is said of it.
const PLACES: [(&str, &str); 10] = [
    ("ArgumentName1", "ArgumentValue1"),
    ("ArgumentName2", "ArgumentValue2"),
    ("ArgumentName3", "ArgumentValue3"),
    ("ArgumentName4", "ArgumentValue4"),
    ("ArgumentName5", "ArgumentValue5"),
    ("ArgumentName6", "ArgumentValue6"),
    ("ArgumentName7", "ArgumentValue7"),
    ("ArgumentName8", "ArgumentValue8"),
    ("ArgumentName9", "ArgumentValue9"),
    ("ArgumentName10", "ArgumentValue10"),
];

/// ARNs, and what is wrong with each; only the first ten are told.
pub(crate) fn wrong_destinations(wrong: &[(&str, String)]) -> AwsError {
    let error = AwsError::new(&codes::INVALID_ARGUMENT, "Unable to validate the following destination configurations");
    let told = PLACES.iter().zip(wrong);
    told.fold(error, |error, ((name, value), (arn, why))| error.with(name, *arn).with(value, why.clone()))
}
