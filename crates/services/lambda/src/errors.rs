//! This service's errors.

use updraft_api_lambda::errors as code;
use updraft_kernel::error::code::{ACCESS_DENIED, VALIDATION};
use updraft_kernel::{AwsError, ErrorCode};

/// The model doesn't list it, yet AWS answers it where a body is larger than an operation takes.
static ENTITY_TOO_LARGE: ErrorCode = ErrorCode::sender("RequestEntityTooLargeException", 413);

pub(crate) const IN_A_LOOP: &str = "Lambda has detected your function being invoked in a recursive loop with other Amazon \
                                    Web Services resources and stopped your function's invocation.";

pub(crate) fn invalid_parameter(message: impl Into<String>) -> AwsError {
    AwsError::new(&code::INVALID_PARAMETER_VALUE_EXCEPTION, message.into())
}

/// As [`above`], for a name that isn't in a list.
pub(crate) fn invalid_enum(value: &str, member: &str, listed: &[&str]) -> AwsError {
    let text = format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must satisfy enum \
         value set: [{}]",
        listed.join(", ")
    );
    AwsError::new(&VALIDATION, text)
}

/// In the words that the tables use for the constraints they hold.
pub(crate) fn above(value: i32, member: &str, most: i32) -> AwsError {
    let text = format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must have value \
         less than or equal to {most}"
    );
    AwsError::new(&VALIDATION, text)
}

pub(crate) fn not_found(message: impl Into<String>) -> AwsError {
    AwsError::new(&code::RESOURCE_NOT_FOUND_EXCEPTION, message.into())
}

pub(crate) fn conflict(message: impl Into<String>) -> AwsError {
    AwsError::new(&code::RESOURCE_CONFLICT_EXCEPTION, message.into())
}

pub(crate) fn access_denied(message: impl Into<String>) -> AwsError {
    AwsError::new(&ACCESS_DENIED, message.into())
}

pub(crate) fn invalid_content(message: impl Into<String>) -> AwsError {
    AwsError::new(&code::INVALID_REQUEST_CONTENT_EXCEPTION, message.into())
}

/// What AWS has and this platform hasn't yet: said in words, for a function that is created without what it asks for
/// would fail later and elsewhere.
pub(crate) fn unsupported(what: &str) -> AwsError {
    invalid_parameter(format!("{what} not supported by this platform yet."))
}

pub(crate) fn precondition_failed() -> AwsError {
    AwsError::new(
        &code::PRECONDITION_FAILED_EXCEPTION,
        "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve \
         the latest Revision Id",
    )
}

pub(crate) fn in_a_loop() -> AwsError {
    AwsError::new(&code::RECURSIVE_INVOCATION_EXCEPTION, IN_A_LOOP)
}

pub(crate) fn provisioning_not_found() -> AwsError {
    let text = "No Provisioned Concurrency Config found for this function";
    AwsError::new(&code::PROVISIONED_CONCURRENCY_CONFIG_NOT_FOUND_EXCEPTION, text)
}

/// AWS: where the revision is a policy's and no more than that, it says so. `get` is the operation that tells it.
pub(crate) fn stale_policy(get: &str) -> AwsError {
    let text = format!(
        "The Revision Id provided does not match the latest Revision Id. Call the {get} API to retrieve the latest \
         Revision Id"
    );
    AwsError::new(&code::PRECONDITION_FAILED_EXCEPTION, text)
}

/// As [`above`].
pub(crate) fn below(value: i32, member: &str, least: i32) -> AwsError {
    let text = format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must have value \
         greater than or equal to {least}"
    );
    AwsError::new(&VALIDATION, text)
}

/// A mapping that is still becoming what was asked for before; `what` is to be done with it.
pub(crate) fn in_use(what: &str) -> AwsError {
    let text = format!("Cannot {what} the event source mapping because it is in use.");
    AwsError::new(&code::RESOURCE_IN_USE_EXCEPTION, text)
}

/// A code signing configuration, where it is what was asked for.
pub(crate) fn no_signing_config(arn: &str) -> AwsError {
    not_found(format!("The Lambda code signing configuration {arn} can not be found."))
}

/// The same, where it was to be given to a function; any other error stays what it is.
pub(crate) fn no_such_signing_config(arn: &str, error: AwsError) -> AwsError {
    if error.code().status != 404 {
        return error;
    }
    let text = format!(
        "The code signing configuration cannot be found. Check that the provided configuration is not deleted: {arn}."
    );
    AwsError::new(&code::CODE_SIGNING_CONFIG_NOT_FOUND_EXCEPTION, text)
}

/// Code without a signature, where one is enforced.
pub(crate) fn unsigned() -> AwsError {
    let text = "Lambda cannot deploy the function. The function or layer might be signed using a signature that the \
                client is not configured to accept. Check the provided signature for unsigned code or layers.";
    AwsError::new(&code::CODE_VERIFICATION_FAILED_EXCEPTION, text)
}

pub(crate) fn statement_exists(sid: &str) -> AwsError {
    conflict(format!(
        "The statement id ({sid}) provided already exists. Please provide a new statement id, or remove the existing \
         statement."
    ))
}

pub(crate) fn no_statement(sid: &str) -> AwsError {
    not_found(format!("Statement {sid} is not found in resource policy."))
}

/// Lambda's 429. `reason` is a member of the error's shape.
pub(crate) fn throttled(reason: &'static str) -> AwsError {
    AwsError::new(&code::TOO_MANY_REQUESTS_EXCEPTION, "Rate Exceeded.").with("Reason", reason)
}

/// AWS has always room for one more; here it is said what is missing.
pub(crate) fn no_memory(what: String) -> AwsError {
    let reason = "ConcurrentInvocationLimitExceeded";
    AwsError::new(&code::TOO_MANY_REQUESTS_EXCEPTION, what).with("Reason", reason)
}

/// `what` is `CreateFunction` and the like; its limit is in bytes of the request, base 64 and all.
pub(crate) fn request_too_large(what: &str, limit: usize) -> AwsError {
    AwsError::new(&ENTITY_TOO_LARGE, format!("Request must be smaller than {limit} bytes for the {what} operation"))
}

pub(crate) fn unzipped_too_large(limit: u64) -> AwsError {
    invalid_parameter(format!("Unzipped size must be smaller than {limit} bytes"))
}

pub(crate) fn payload_too_large(size: usize, kind: &str, limit: usize) -> AwsError {
    let text = format!("{size} byte payload is too large for the {kind} invocation type (limit {limit} bytes)");
    // AWS: not the name that the model has.
    AwsError::new(&ENTITY_TOO_LARGE, text)
}

pub(crate) fn policy_too_long(size: usize, limit: usize) -> AwsError {
    let text = format!("The final policy size ({size}) is bigger than the limit ({limit}).");
    AwsError::new(&code::POLICY_LENGTH_EXCEEDED_EXCEPTION, text)
}

pub(crate) fn invalid_runtime(message: String) -> AwsError {
    AwsError::new(&code::INVALID_RUNTIME_EXCEPTION, message)
}

pub(crate) fn invalid_zip(message: String) -> AwsError {
    AwsError::new(&code::INVALID_ZIP_FILE_EXCEPTION, message)
}

/// The file system behind an access point, which was there when the function was configured.
pub(crate) fn mount_failed(access_point: &str) -> AwsError {
    let text = format!(
        "The function couldn't mount the Amazon EFS file system with access point {access_point}. Check your file \
         system configuration and try again."
    );
    AwsError::new(&code::EFS_MOUNT_FAILURE_EXCEPTION, text)
}

pub(crate) fn service(message: String) -> AwsError {
    AwsError::new(&code::SERVICE_EXCEPTION, message)
}
