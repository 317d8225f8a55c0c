//! Executions as they are kept: one row tells how it stands, and each place where it stands, each value and each event of
//! its history is a row of its own.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use updraft_api_states::types::{
    CloudWatchEventsExecutionDataDetails as Details, DescribeExecutionOutput, ExecutionListItem,
    ExecutionRedriveStatus, ExecutionStatus, HistoryEvent,
};
use updraft_asl::run::{Ending, Event, Frame, Head, Turn};
use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::Row;

use super::kept;
use super::logging::is_data;
use super::name::ExecutionId;
use super::redrives::Redrives;

/// How an execution stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Execution {
    /// Which of the machine's it executes.
    pub(crate) revision: u64,
    pub(crate) input: String,
    pub(crate) trace: Option<String>,
    pub(crate) started: UnixMillis,
    pub(crate) head: Head,
    pub(crate) end: Option<End>,
    /// The task of another execution that waits for this one's end.
    pub(crate) waiter: Option<Waiter>,
    /// Whether there may be [`Redrives`] of it.
    pub(crate) redriven: bool,
}

/// AWS: no execution goes on for longer.
pub(crate) const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Who waits for an execution's end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Waiter {
    pub(crate) execution: ExecutionId,
    pub(crate) turn: Turn,
    /// `.sync:2`: input and output are JSON, not text.
    pub(crate) json: bool,
}

impl Row for Execution {
    const VERSION: u8 = 2;

    /// The first version didn't say whether it had been redriven, which is the last part.
    fn upgrade(version: u8, body: &[u8]) -> Option<Self> {
        const PERHAPS: &[u8] = &[1];
        (version == 1).then(|| postcard::from_bytes(&[body, PERHAPS].concat()).ok()).flatten()
    }
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct End {
    pub(crate) at: UnixMillis,
    pub(crate) how: How,
    pub(crate) output: Option<String>,
    pub(crate) error: Option<String>,
    pub(crate) cause: Option<String>,
}

/// In which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum How {
    Succeeded,
    Failed,
    TimedOut,
    Aborted,
}

impl How {
    /// As AWS writes it.
    pub(crate) const fn status(self) -> &'static str {
        match self {
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::TimedOut => "TIMED_OUT",
            Self::Aborted => "ABORTED",
        }
    }

    /// What counts those that end so.
    pub(crate) const fn metric(self) -> &'static str {
        match self {
            Self::Succeeded => "ExecutionsSucceeded",
            Self::Failed => "ExecutionsFailed",
            Self::TimedOut => "ExecutionsTimedOut",
            Self::Aborted => "ExecutionsAborted",
        }
    }
}

/// A place where it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct FrameRow(pub(crate) Frame);

impl Row for FrameRow {
    const VERSION: u8 = 1;
}

/// JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ValueRow(pub(crate) String);

impl Row for ValueRow {
    const VERSION: u8 = 1;
}

/// An event of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EventRow {
    pub(crate) previous: u64,
    pub(crate) at: i64,
    pub(crate) name: String,
    /// The member that the details are in, and they as JSON.
    pub(crate) details: Option<(String, String)>,
}

impl Row for EventRow {
    const VERSION: u8 = 1;
}

impl EventRow {
    pub(crate) fn of(event: &Event) -> Self {
        let details = event.details.as_ref().map(|details| (event.member(), details.to_string()));
        Self { previous: event.previous, at: event.at, name: event.name.clone(), details }
    }

    /// `data`: with what states are given and give.
    ///
    /// # Errors
    /// If the model has no such event.
    pub(crate) fn shown(&self, id: u64, data: bool) -> Result<HistoryEvent, AwsError> {
        let mut document = serde_json::json!({ "id": id, "previousEventId": self.previous, "type": self.name });
        if let (Some((member, details)), Some(object)) = (&self.details, document.as_object_mut()) {
            let mut details: serde_json::Map<_, _> = serde_json::from_str(details).map_err(AwsError::internal)?;
            // What a task calls with is a member that AWS's model requires.
            details.retain(|name, _| data || name == "parameters" || !is_data(name));
            object.insert(member.clone(), details.into());
        }
        let seconds = serde_json::Number::from_f64(millis_to_seconds(self.at)).map(serde_json::Value::Number);
        if let (Some(seconds), Some(object)) = (seconds, document.as_object_mut()) {
            object.insert("timestamp".to_owned(), seconds);
        }
        kept::from_document("HistoryEvent", &document)
            .ok_or_else(|| AwsError::internal(format!("the model has no event {}", self.name)))
    }
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of this age are exact")]
fn millis_to_seconds(millis: i64) -> f64 {
    millis as f64 / 1_000.0
}

impl Execution {
    /// A description as who waits for an execution gets it, with AWS's capital letters. `text`: of a document; `date`: of a
    /// moment.
    pub(crate) fn told(
        &self,
        id: &ExecutionId,
        text: impl Fn(&str) -> Value,
        date: impl Fn(UnixMillis) -> Value,
    ) -> Map<String, Value> {
        let mut told = Map::from_iter([
            ("ExecutionArn".to_owned(), json!(id.arn().to_string())),
            ("Input".to_owned(), text(&self.input)),
            ("InputDetails".to_owned(), json!({ "Included": true })),
            ("Name".to_owned(), json!(id.name)),
            ("StartDate".to_owned(), date(self.started)),
            ("StateMachineArn".to_owned(), json!(id.machine.arn().to_string())),
            ("Status".to_owned(), json!(self.status().as_str())),
        ]);
        let Some(end) = &self.end else { return told };
        told.insert("StopDate".to_owned(), date(end.at));
        if let Some(output) = &end.output {
            told.insert("Output".to_owned(), text(output));
            told.insert("OutputDetails".to_owned(), json!({ "Included": true }));
        }
        told.extend(end.error.as_ref().map(|error| ("Error".to_owned(), json!(error))));
        told.extend(end.cause.as_ref().map(|cause| ("Cause".to_owned(), json!(cause))));
        told
    }
}

impl End {
    pub(crate) fn of(ending: Ending, at: UnixMillis) -> Self {
        let (how, output, error, cause) = match ending {
            Ending::Succeeded(output) => (How::Succeeded, Some(output.to_string()), None, None),
            Ending::Failed { error, cause } => (How::Failed, None, error, cause),
            Ending::TimedOut { error, cause } => (How::TimedOut, None, error, cause),
            Ending::Aborted { error, cause } => (How::Aborted, None, error, cause),
        };
        Self { at, how, output, error, cause }
    }
}

impl Execution {
    pub(crate) fn status(&self) -> ExecutionStatus {
        match self.end.as_ref().map(|end| end.how) {
            None => ExecutionStatus::Running,
            Some(How::Succeeded) => ExecutionStatus::Succeeded,
            Some(How::Failed) => ExecutionStatus::Failed,
            Some(How::TimedOut) => ExecutionStatus::TimedOut,
            Some(How::Aborted) => ExecutionStatus::Aborted,
        }
    }

    /// `refusal`: why it can't be redriven.
    pub(crate) fn described(
        self,
        id: &ExecutionId,
        redrives: &Redrives,
        refusal: Option<String>,
    ) -> DescribeExecutionOutput {
        let status = self.status();
        let included = || Some(Details { included: Some(true) });
        let end = self.end;
        let output = end.as_ref().and_then(|end| end.output.clone());
        DescribeExecutionOutput {
            execution_arn: id.arn().to_string(),
            state_machine_arn: id.machine.arn().to_string(),
            name: Some(id.name.clone()),
            start_date: self.started,
            stop_date: end.as_ref().map(|end| end.at),
            input: Some(self.input),
            input_details: included(),
            output_details: output.as_ref().and_then(|_| included()),
            output,
            trace_header: self.trace,
            redrive_count: Some(redrives.shown()),
            redrive_date: redrives.date(),
            redrive_status: Some(match refusal {
                None => ExecutionRedriveStatus::Redrivable,
                Some(_) => ExecutionRedriveStatus::NotRedrivable,
            }),
            redrive_status_reason: refusal,
            error: end.as_ref().and_then(|end| end.error.clone()),
            cause: end.and_then(|end| end.cause),
            status,
            ..DescribeExecutionOutput::default()
        }
    }

    pub(crate) fn listed(&self, id: &ExecutionId, redrives: &Redrives) -> ExecutionListItem {
        ExecutionListItem {
            execution_arn: id.arn().to_string(),
            state_machine_arn: id.machine.arn().to_string(),
            name: id.name.clone(),
            status: self.status(),
            start_date: self.started,
            stop_date: self.end.as_ref().map(|end| end.at),
            redrive_count: Some(redrives.shown()),
            redrive_date: redrives.date(),
            ..ExecutionListItem::default()
        }
    }
}
