//! The codes of errors that S3 documents and its model doesn't name.

use updraft_kernel::ErrorCode;

const fn sender(name: &'static str, status: u16) -> ErrorCode {
    ErrorCode::sender(name, status)
}

pub(crate) static ACCESS_CONTROL_LIST_NOT_SUPPORTED: ErrorCode = sender("AccessControlListNotSupported", 400);
pub(crate) static ACCESS_DENIED: ErrorCode = sender("AccessDenied", 403);
pub(crate) static AUTHORIZATION_HEADER_MALFORMED: ErrorCode = sender("AuthorizationHeaderMalformed", 400);
pub(crate) static BAD_REQUEST: ErrorCode = sender("BadRequest", 400);
pub(crate) static BUCKET_NOT_EMPTY: ErrorCode = sender("BucketNotEmpty", 409);
pub(crate) static ID_MISMATCH: ErrorCode = sender("IdMismatch", 400);
pub(crate) static ILLEGAL_LOCATION_CONSTRAINT: ErrorCode = sender("IllegalLocationConstraintException", 400);
pub(crate) static ILLEGAL_VERSIONING_CONFIGURATION: ErrorCode = sender("IllegalVersioningConfigurationException", 400);
pub(crate) static INVALID_ARGUMENT: ErrorCode = sender("InvalidArgument", 400);
pub(crate) static INVALID_CONFIGURATION_ID: ErrorCode = sender("InvalidConfigurationId", 400);
pub(crate) static INVALID_BUCKET_ACL_WITH_OBJECT_OWNERSHIP: ErrorCode =
    sender("InvalidBucketAclWithObjectOwnership", 400);
pub(crate) static INVALID_BUCKET_ACL_WITH_BLOCK_PUBLIC_ACCESS: ErrorCode =
    sender("InvalidBucketAclWithBlockPublicAccessError", 400);
pub(crate) static INVALID_BUCKET_NAME: ErrorCode = sender("InvalidBucketName", 400);
pub(crate) static INVALID_BUCKET_OWNER: ErrorCode = sender("InvalidBucketOwnerAWSAccountID", 400);
pub(crate) static INVALID_BUCKET_STATE: ErrorCode = sender("InvalidBucketState", 409);
pub(crate) static INVALID_LOCATION_CONSTRAINT: ErrorCode = sender("InvalidLocationConstraint", 400);
pub(crate) static INVALID_REQUEST: ErrorCode = sender("InvalidRequest", 400);
pub(crate) static INVALID_RETENTION_PERIOD: ErrorCode = sender("InvalidRetentionPeriod", 400);
pub(crate) static INVALID_S3_DESTINATION_BUCKET: ErrorCode = sender("InvalidS3DestinationBucket", 400);
pub(crate) static INVALID_TAG: ErrorCode = sender("InvalidTag", 400);
pub(crate) static INVALID_TARGET_BUCKET_FOR_LOGGING: ErrorCode = sender("InvalidTargetBucketForLogging", 400);
pub(crate) static MALFORMED_ACL: ErrorCode = sender("MalformedACLError", 400);
pub(crate) static MALFORMED_POLICY: ErrorCode = sender("MalformedPolicy", 400);
pub(crate) static MALFORMED_XML: ErrorCode = sender("MalformedXML", 400);
pub(crate) static MISSING_SECURITY_HEADER: ErrorCode = sender("MissingSecurityHeader", 400);
pub(crate) static NO_SUCH_BUCKET_POLICY: ErrorCode = sender("NoSuchBucketPolicy", 404);
pub(crate) static NO_SUCH_CONFIGURATION: ErrorCode = sender("NoSuchConfiguration", 404);
pub(crate) static NO_SUCH_CORS_CONFIGURATION: ErrorCode = sender("NoSuchCORSConfiguration", 404);
pub(crate) static NO_SUCH_LIFECYCLE_CONFIGURATION: ErrorCode = sender("NoSuchLifecycleConfiguration", 404);
pub(crate) static NO_SUCH_OBJECT_LOCK_CONFIGURATION: ErrorCode = sender("NoSuchObjectLockConfiguration", 404);
pub(crate) static NO_SUCH_PUBLIC_ACCESS_BLOCK: ErrorCode = sender("NoSuchPublicAccessBlockConfiguration", 404);
pub(crate) static NO_SUCH_TAG_SET: ErrorCode = sender("NoSuchTagSet", 404);
pub(crate) static NO_SUCH_WEBSITE_CONFIGURATION: ErrorCode = sender("NoSuchWebsiteConfiguration", 404);
pub(crate) static OBJECT_LOCK_CONFIGURATION_NOT_FOUND: ErrorCode = sender("ObjectLockConfigurationNotFoundError", 404);
pub(crate) static OWNERSHIP_CONTROLS_NOT_FOUND: ErrorCode = sender("OwnershipControlsNotFoundError", 404);
pub(crate) static REPLICATION_CONFIGURATION_NOT_FOUND: ErrorCode = sender("ReplicationConfigurationNotFoundError", 404);
pub(crate) static TOO_MANY_CONFIGURATIONS: ErrorCode = sender("TooManyConfigurations", 400);
pub(crate) static UNEXPECTED_CONTENT: ErrorCode = sender("UnexpectedContent", 400);
pub(crate) static UNRESOLVABLE_EMAIL: ErrorCode = sender("UnresolvableGrantByEmailAddress", 400);
