//! Tasks that move messages out of a queue of dead letters, and the handles that clients know them by.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::Row;

use crate::errors::{invalid_parameter, invalid_value};
use crate::queue_url::QueueName;

/// Messages in a second.
const FASTEST: i32 = 500;
/// AWS: so many tasks of a queue are listed, and so many are kept.
pub(crate) const KEPT: usize = 10;

/// A task of one queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MoveTask {
    pub(crate) id: String,
    pub(crate) started: UnixMillis,
    /// An ARN; `None`: each message goes back to where it came from.
    pub(crate) destination: Option<String>,
    /// `MaxNumberOfMessagesPerSecond`.
    pub(crate) rate: Option<u32>,
    /// What there was as it started.
    pub(crate) found: u64,
    pub(crate) moved: u64,
    pub(crate) status: Status,
}

impl Row for MoveTask {
    const VERSION: u8 = 1;
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Status {
    Running,
    Completed,
    Cancelled,
    /// `FailureReason`.
    Failed(String),
}

impl Status {
    pub(crate) fn as_str(&self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Completed => "COMPLETED",
            Self::Cancelled => "CANCELLED",
            Self::Failed(_) => "FAILED",
        }
    }
}

/// # Errors
/// In AWS's words.
pub(crate) fn rate(given: Option<i32>) -> Result<Option<u32>, AwsError> {
    let legal = |rate: i32| u32::try_from(rate).ok().filter(|_| (1..=FASTEST).contains(&rate));
    let refused = |rate: i32| {
        invalid_value(&rate.to_string(), "MaxNumberOfMessagesPerSecond", "Must be between 1 and 500, if provided")
    };
    given.map(|rate| legal(rate).ok_or_else(|| refused(rate))).transpose()
}

/// How many tasks are listed.
///
/// # Errors
/// In AWS's words.
pub(crate) fn listed(given: Option<i32>) -> Result<usize, AwsError> {
    let legal = |count: i32| usize::try_from(count).ok().filter(|count| (1..=KEPT).contains(count));
    let refused = |count: i32| invalid_value(&count.to_string(), "MaxResults", "Must be between 1 and 10, if provided");
    given.map_or(Ok(1), |count| legal(count).ok_or_else(|| refused(count)))
}

/// Names a task wherever it is asked for.
pub(crate) fn handle(id: &str, source: &str) -> String {
    STANDARD.encode(json!({ "taskId": id, "sourceArn": source }).to_string())
}

/// The task's id, and its queue.
///
/// # Errors
/// In AWS's words.
pub(crate) fn parse(handle: &str) -> Result<(String, QueueName), AwsError> {
    let read = || {
        let told: Value = serde_json::from_slice(&STANDARD.decode(handle).ok()?).ok()?;
        let id = told.get("taskId")?.as_str()?.to_owned();
        Some((id, QueueName::of_arn(told.get("sourceArn")?.as_str()?)?))
    };
    read().ok_or_else(|| invalid_parameter("Value for parameter TaskHandle is invalid."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_names_its_task() {
        let (id, queue) = parse(&handle("t", "arn:aws:sqs:us-east-1:000000000000:q")).unwrap();
        assert_eq!((id.as_str(), queue.name.as_str()), ("t", "q"));
        for bad in ["", "foobar", "e30=", &handle("t", "arn:aws:sns:us-east-1:000000000000:q")] {
            assert_eq!(parse(bad).unwrap_err().message(), "Value for parameter TaskHandle is invalid.");
        }
    }

    #[test]
    fn numbers_have_bounds() {
        for (given, legal) in [(0, false), (1, true), (500, true), (501, false), (-1, false)] {
            assert_eq!(rate(Some(given)).is_ok(), legal, "{given}");
        }
        for (given, legal) in [(0, false), (1, true), (10, true), (11, false)] {
            assert_eq!(listed(Some(given)).is_ok(), legal, "{given}");
        }
        assert_eq!((rate(None).unwrap(), listed(None).unwrap()), (None, 1));
    }
}
