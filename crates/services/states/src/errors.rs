//! Constructors for the errors this service answers, in AWS's words.

use std::fmt::Display;

use updraft_api_states::errors as code;
use updraft_asl::read::Diagnostic;
use updraft_kernel::AwsError;

pub(crate) fn invalid_arn(arn: &str) -> AwsError {
    AwsError::new(&code::INVALID_ARN, format!("Invalid Arn: 'Invalid ARN prefix: {arn}'"))
}

/// The ARN of something else.
pub(crate) fn wrong_resource(kind: &str) -> AwsError {
    AwsError::new(&code::INVALID_ARN, format!("Invalid Arn: 'Resource type not valid in this context: {kind}'"))
}

pub(crate) fn no_such_machine(arn: &str) -> AwsError {
    AwsError::new(&code::STATE_MACHINE_DOES_NOT_EXIST, format!("State Machine Does Not Exist: '{arn}'"))
}

pub(crate) fn no_such_execution(arn: &str) -> AwsError {
    AwsError::new(&code::EXECUTION_DOES_NOT_EXIST, format!("Execution Does Not Exist: '{arn}'"))
}

pub(crate) fn no_such_activity(arn: &str) -> AwsError {
    AwsError::new(&code::ACTIVITY_DOES_NOT_EXIST, format!("Activity Does Not Exist: '{arn}'"))
}

pub(crate) fn no_such_map_run(arn: &str) -> AwsError {
    AwsError::new(&code::RESOURCE_NOT_FOUND, format!("Map Run Does Not Exist: '{arn}'"))
}

pub(crate) fn map_run_is_over(arn: &str) -> AwsError {
    AwsError::new(&code::VALIDATION_EXCEPTION, format!("Map Run '{arn}' has already ended"))
}

pub(crate) fn activity_exists(arn: &str) -> AwsError {
    AwsError::new(&code::ACTIVITY_ALREADY_EXISTS, format!("Activity Already Exists: '{arn}'"))
}

pub(crate) fn machine_exists(arn: &str) -> AwsError {
    AwsError::new(&code::STATE_MACHINE_ALREADY_EXISTS, format!("State Machine Already Exists: '{arn}'"))
}

pub(crate) fn execution_exists(arn: &str) -> AwsError {
    AwsError::new(&code::EXECUTION_ALREADY_EXISTS, format!("Execution Already Exists: '{arn}'"))
}

pub(crate) fn invalid_definition(wrong: &[Diagnostic]) -> AwsError {
    let wrong: Vec<String> = wrong.iter().map(ToString::to_string).collect();
    let message = format!("Invalid State Machine Definition: '{}'", wrong.join(", "));
    AwsError::new(&code::INVALID_DEFINITION, message)
}

pub(crate) fn invalid_name(name: &str) -> AwsError {
    AwsError::new(&code::INVALID_NAME, format!("Invalid Name: '{name}'"))
}

pub(crate) fn invalid_input(why: impl Display) -> AwsError {
    AwsError::new(&code::INVALID_EXECUTION_INPUT, format!("Invalid State Machine Execution Input: '{why}'"))
}

pub(crate) fn invalid_output(why: impl Display) -> AwsError {
    AwsError::new(&code::INVALID_OUTPUT, format!("Invalid Output: '{why}'"))
}

/// Of tasks and of pages.
pub(crate) fn invalid_token() -> AwsError {
    AwsError::new(&code::INVALID_TOKEN, "Invalid Token: 'Invalid token'")
}

/// The token was of a task that is over.
pub(crate) fn task_over() -> AwsError {
    let message = "Task Timed Out: 'Provided task does not exist anymore'";
    AwsError::new(&code::TASK_TIMED_OUT, message)
}

pub(crate) fn nothing_to_update() -> AwsError {
    let what =
        "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified";
    AwsError::new(&code::MISSING_REQUIRED_PARAMETER, what)
}

pub(crate) fn no_such_resource(arn: &str) -> AwsError {
    AwsError::new(&code::RESOURCE_NOT_FOUND, format!("Resource not found: '{arn}'"))
}

pub(crate) fn too_many_tags() -> AwsError {
    AwsError::new(&code::TOO_MANY_TAGS, "A resource has 50 tags at most.")
}

/// Of a state that is tried.
pub(crate) fn invalid_trial(message: impl Into<String>) -> AwsError {
    AwsError::new(&code::VALIDATION_EXCEPTION, message.into())
}

pub(crate) fn no_such_case(case: &str, machine: &str) -> AwsError {
    let message = format!("There is no test case {case} of the state machine {machine}.");
    AwsError::new(&code::VALIDATION_EXCEPTION, message)
}

/// `why` is what `DescribeExecution` says as well.
pub(crate) fn not_redrivable(why: String) -> AwsError {
    AwsError::new(&code::EXECUTION_NOT_REDRIVABLE, why)
}

/// What the model doesn't say of a request.
pub(crate) fn invalid(message: impl Into<std::borrow::Cow<'static, str>>) -> AwsError {
    AwsError::new(&code::VALIDATION_EXCEPTION, message)
}

/// Of versions and aliases.
pub(crate) fn no_such_reference() -> AwsError {
    AwsError::new(&code::RESOURCE_NOT_FOUND, "Request references a resource that does not exist.")
}

pub(crate) fn version_in_use(aliases: &[String]) -> AwsError {
    let what =
        "Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version";
    AwsError::new(&code::CONFLICT_EXCEPTION, format!("{what}: [{}]", aliases.join(", ")))
}

pub(crate) fn alias_exists() -> AwsError {
    let what = "Failed to create alias because an alias with the same name and a different routing configuration already exists.";
    AwsError::new(&code::CONFLICT_EXCEPTION, what)
}

pub(crate) fn another_revision(wanted: &str, current: &str) -> AwsError {
    let message =
        format!("The revision to publish is {wanted}, but the current revision of the state machine is {current}.");
    AwsError::new(&code::CONFLICT_EXCEPTION, message)
}

pub(crate) fn too_many(what: &str, most: usize) -> AwsError {
    let message = format!("A state machine has {most} {what} at most.");
    AwsError::new(&code::SERVICE_QUOTA_EXCEEDED_EXCEPTION, message)
}

/// Of what only Standard workflows do, or only Express ones.
pub(crate) fn type_not_supported() -> AwsError {
    let message = "This operation is not supported by this type of state machine";
    AwsError::new(&code::STATE_MACHINE_TYPE_NOT_SUPPORTED, message)
}

pub(crate) fn invalid_logging(why: &str) -> AwsError {
    AwsError::new(&code::INVALID_LOGGING_CONFIGURATION, format!("Invalid Logging Configuration: {why}"))
}
