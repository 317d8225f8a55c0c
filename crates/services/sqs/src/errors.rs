//! Constructors for the errors this service answers, in AWS's words.

use updraft_api_sqs::errors as code;
use updraft_kernel::AwsError;

pub(crate) fn no_such_queue() -> AwsError {
    AwsError::new(&code::QUEUE_DOES_NOT_EXIST, "The specified queue does not exist.")
}
