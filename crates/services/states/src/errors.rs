//! Constructors for the errors this service answers, in AWS's words.

use std::fmt::Display;

use updraft_api_states::errors as code;
use updraft_asl::read::Diagnostic;
use updraft_kernel::AwsError;

pub(crate) fn invalid_arn(arn: &str) -> AwsError {
    AwsError::new(&code::INVALID_ARN, format!("Invalid Arn: 'Invalid ARN prefix: {arn}'"))
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
    let what = "Either the definition, the role ARN, the LoggingConfiguration, the TracingConfiguration, or the EncryptionConfiguration must be specified";
    AwsError::new(&code::MISSING_REQUIRED_PARAMETER, what)
}

pub(crate) fn no_such_resource(arn: &str) -> AwsError {
    AwsError::new(&code::RESOURCE_NOT_FOUND, format!("Resource not found: '{arn}'"))
}

pub(crate) fn too_many_tags() -> AwsError {
    AwsError::new(&code::TOO_MANY_TAGS, "A resource has 50 tags at most.")
}

/// `why` is what `DescribeExecution` says as well.
pub(crate) fn not_redrivable(why: String) -> AwsError {
    AwsError::new(&code::EXECUTION_NOT_REDRIVABLE, why)
}

/// Express workflows are kept and not run yet.
pub(crate) fn express_is_not_run() -> AwsError {
    let message = "Express workflows can't be executed here yet; make the state machine with type STANDARD.";
    AwsError::new(&updraft_kernel::error::code::NOT_IMPLEMENTED, message)
}
