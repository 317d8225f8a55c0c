//! Errors of objects and uploads, in AWS's words.

use updraft_kernel::{AwsError, ErrorCode};

static BAD_DIGEST: ErrorCode = ErrorCode::sender("BadDigest", 400);
static CONDITIONAL_CONFLICT: ErrorCode = ErrorCode::sender("ConditionalRequestConflict", 409);
static ENTITY_TOO_LARGE: ErrorCode = ErrorCode::sender("EntityTooLarge", 400);
static ENTITY_TOO_SMALL: ErrorCode = ErrorCode::sender("EntityTooSmall", 400);
static INCOMPLETE_BODY: ErrorCode = ErrorCode::sender("IncompleteBody", 400);
static INVALID_ENCRYPTION_ALGORITHM: ErrorCode = ErrorCode::sender("InvalidEncryptionAlgorithmError", 400);
static INVALID_DIGEST: ErrorCode = ErrorCode::sender("InvalidDigest", 400);
static INVALID_PART: ErrorCode = ErrorCode::sender("InvalidPart", 400);
static INVALID_PART_NUMBER: ErrorCode = ErrorCode::sender("InvalidPartNumber", 416);
static INVALID_PART_ORDER: ErrorCode = ErrorCode::sender("InvalidPartOrder", 400);
static INVALID_RANGE: ErrorCode = ErrorCode::sender("InvalidRange", 416);
static INVALID_STORAGE_CLASS: ErrorCode = ErrorCode::sender("InvalidStorageClass", 400);
static KEY_TOO_LONG: ErrorCode = ErrorCode::sender("KeyTooLongError", 400);
static METADATA_TOO_LARGE: ErrorCode = ErrorCode::sender("MetadataTooLarge", 400);
static METHOD_NOT_ALLOWED: ErrorCode = ErrorCode::sender("MethodNotAllowed", 405);
static NO_SUCH_KEY: ErrorCode = ErrorCode::sender("NoSuchKey", 404);
static NO_SUCH_UPLOAD: ErrorCode = ErrorCode::sender("NoSuchUpload", 404);
static NO_SUCH_VERSION: ErrorCode = ErrorCode::sender("NoSuchVersion", 404);
static NOT_IMPLEMENTED: ErrorCode = ErrorCode::sender("NotImplemented", 501);
static NOT_MODIFIED: ErrorCode = ErrorCode::sender("NotModified", 304);
static PRECONDITION_FAILED: ErrorCode = ErrorCode::sender("PreconditionFailed", 412);

pub(crate) fn no_such_key(key: &str) -> AwsError {
    AwsError::new(&NO_SUCH_KEY, "The specified key does not exist.").with("Key", key)
}

pub(crate) fn no_such_version(key: &str, id: &str) -> AwsError {
    AwsError::new(&NO_SUCH_VERSION, "The specified version does not exist.").with("Key", key).with("VersionId", id)
}

pub(crate) fn no_such_upload(id: &str) -> AwsError {
    let message = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been \
                   aborted or completed.";
    AwsError::new(&NO_SUCH_UPLOAD, message).with("UploadId", id)
}

/// What isn't allowed against a delete marker.
pub(crate) fn marker(method: &'static str) -> AwsError {
    AwsError::new(&METHOD_NOT_ALLOWED, "The specified method is not allowed against this resource.")
        .with("Method", method)
        .with("ResourceType", "DeleteMarker")
        .with_header("x-amz-delete-marker", "true")
        .with_header("allow", "DELETE")
}

/// What a website isn't asked by.
pub(crate) fn method_not_allowed(method: &str) -> AwsError {
    AwsError::new(&METHOD_NOT_ALLOWED, "The specified method is not allowed against this resource.")
        .with("Method", method)
        .with("ResourceType", "OBJECT")
        .with_header("allow", "HEAD, GET")
}

/// `condition`: the header that didn't hold.
pub(crate) fn precondition_failed(condition: &'static str) -> AwsError {
    AwsError::new(&PRECONDITION_FAILED, "At least one of the pre-conditions you specified did not hold")
        .with("Condition", condition)
}

pub(crate) fn not_modified(etag: &str) -> AwsError {
    AwsError::new(&NOT_MODIFIED, "Not Modified").with_header("etag", format!("\"{etag}\""))
}

/// Two writers had a condition on one key; whoever lost may try again. `condition`: the header.
pub(crate) fn conditional_conflict(condition: &'static str, key: &str) -> AwsError {
    let message = "The conditional request cannot succeed due to a conflicting operation against this resource.";
    AwsError::new(&CONDITIONAL_CONFLICT, message).with("Condition", condition).with("Key", key)
}

pub(crate) fn invalid_range(asked: &str, size: u64) -> AwsError {
    AwsError::new(&INVALID_RANGE, "The requested range is not satisfiable")
        .with("RangeRequested", asked)
        .with("ActualObjectSize", size.to_string())
        .with_header("content-range", format!("bytes */{size}"))
}

pub(crate) fn invalid_part_number(asked: i32, count: u32) -> AwsError {
    AwsError::new(&INVALID_PART_NUMBER, "The requested partnumber is not satisfiable")
        .with("PartNumberRequested", asked.to_string())
        .with("ActualPartCount", count.to_string())
}

pub(crate) fn key_too_long(key: &str, most: usize) -> AwsError {
    AwsError::new(&KEY_TOO_LONG, "Your key is too long")
        .with("Size", key.len().to_string())
        .with("MaxSizeAllowed", most.to_string())
}

pub(crate) fn metadata_too_large(size: usize, most: usize) -> AwsError {
    AwsError::new(&METADATA_TOO_LARGE, "Your metadata headers exceed the maximum allowed metadata size")
        .with("Size", size.to_string())
        .with("MaxSizeAllowed", most.to_string())
}

pub(crate) fn too_large(size: u64, most: u64) -> AwsError {
    AwsError::new(&ENTITY_TOO_LARGE, "Your proposed upload exceeds the maximum allowed size")
        .with("ProposedSize", size.to_string())
        .with("MaxSizeAllowed", most.to_string())
}

pub(crate) fn incomplete_body() -> AwsError {
    let message = "You did not provide the number of bytes specified by the Content-Length HTTP header";
    AwsError::new(&INCOMPLETE_BODY, message)
}

pub(crate) fn invalid_digest(given: &str) -> AwsError {
    AwsError::new(&INVALID_DIGEST, "The Content-MD5 you specified was invalid.").with("Content-MD5", given)
}

pub(crate) fn bad_md5(expected: String, calculated: String) -> AwsError {
    AwsError::new(&BAD_DIGEST, "The Content-MD5 you specified did not match what we received.")
        .with("ExpectedDigest", expected)
        .with("CalculatedDigest", calculated)
}

/// `what`: the algorithm, as this operation writes it.
pub(crate) fn bad_checksum(what: &str) -> AwsError {
    AwsError::new(&BAD_DIGEST, format!("The {what} you specified did not match the calculated checksum."))
}

pub(crate) fn invalid_storage_class(given: &str) -> AwsError {
    AwsError::new(&INVALID_STORAGE_CLASS, "The storage class you specified is not valid")
        .with("StorageClassRequested", given)
}

pub(crate) fn invalid_part(number: i32, etag: &str, upload: &str) -> AwsError {
    let message = "One or more of the specified parts could not be found.  The part may not have been uploaded, or \
                   the specified entity tag may not match the part's entity tag.";
    AwsError::new(&INVALID_PART, message)
        .with("UploadId", upload)
        .with("PartNumber", number.to_string())
        .with("ETag", etag)
}

pub(crate) fn invalid_part_order(upload: &str) -> AwsError {
    let message = "The list of parts was not in ascending order. Parts must be ordered by part number.";
    AwsError::new(&INVALID_PART_ORDER, message).with("UploadId", upload)
}

pub(crate) fn too_small(number: u32, etag: &str, size: u64, least: u64) -> AwsError {
    AwsError::new(&ENTITY_TOO_SMALL, "Your proposed upload is smaller than the minimum allowed size")
        .with("ProposedSize", size.to_string())
        .with("MinSizeAllowed", least.to_string())
        .with("PartNumber", number.to_string())
        .with("ETag", etag)
}

pub(crate) fn invalid_encryption_algorithm(given: &str) -> AwsError {
    let message = "The Encryption request you specified is not valid. Supported value: AES256.";
    AwsError::new(&INVALID_ENCRYPTION_ALGORITHM, message)
        .with("ArgumentName", "x-amz-server-side-encryption")
        .with("ArgumentValue", given)
}

/// A header that says something nobody has built.
pub(crate) fn not_implemented(header: &'static str) -> AwsError {
    AwsError::new(&NOT_IMPLEMENTED, "A header you provided implies functionality that is not implemented")
        .with("Header", header)
}
