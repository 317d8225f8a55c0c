//! What a durable function is invoked with. Its SDK reads this, and no customer's code does.

use serde::Serialize;
use updraft_api_lambda::types::{ErrorObject, Operation};
use updraft_kernel::{AwsError, UnixMillis};

use super::outcome::ErrorText;
use super::paging::{self, MOST, marker};
use super::token;
use super::work::Work;

/// What the execution's rows don't say.
pub(crate) struct Given {
    /// The operations that were changed from outside, by their numbers.
    pub(crate) updated: Vec<u64>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Event {
    durable_execution_arn: String,
    checkpoint_token: String,
    initial_execution_state: InitialState,
    updated_operation_ids: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct InitialState {
    operations: Vec<Shown>,
    /// Empty: there is no more.
    next_marker: String,
}

/// An [`Operation`] in JSON. Moments are milliseconds here, and seconds in the API's answers: the SDK for Python reads
/// nothing else, and the one for JavaScript reads this, too.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Shown {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    r#type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub_type: Option<String>,
    start_timestamp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_timestamp: Option<i64>,
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    execution_details: Option<Details>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context_details: Option<Details>,
    #[serde(skip_serializing_if = "Option::is_none")]
    step_details: Option<Details>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wait_details: Option<Details>,
    #[serde(skip_serializing_if = "Option::is_none")]
    callback_details: Option<Details>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chained_invoke_details: Option<Details>,
}

/// Of any kind of operation: each has some of it.
#[derive(Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Details {
    #[serde(skip_serializing_if = "Option::is_none")]
    input_payload: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replay_children: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_attempt_timestamp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduled_end_timestamp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    callback_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorText>,
}

impl Details {
    fn outcome(result: Option<String>, error: Option<ErrorObject>) -> Self {
        Self { result, error: error.map(ErrorText::from), ..Self::default() }
    }
}

impl From<Operation> for Shown {
    fn from(operation: Operation) -> Self {
        let millis = |at: Option<UnixMillis>| at.map(|at| at.0);
        Self {
            id: operation.id,
            parent_id: operation.parent_id,
            name: operation.name,
            r#type: operation.r#type.as_str().to_owned(),
            sub_type: operation.sub_type,
            start_timestamp: operation.start_timestamp.0,
            end_timestamp: millis(operation.end_timestamp),
            status: operation.status.as_str().to_owned(),
            execution_details: operation
                .execution_details
                .map(|of| Details { input_payload: of.input_payload, ..Details::default() }),
            context_details: operation
                .context_details
                .map(|of| Details { replay_children: of.replay_children, ..Details::outcome(of.result, of.error) }),
            step_details: operation.step_details.map(|of| Details {
                attempt: of.attempt,
                next_attempt_timestamp: millis(of.next_attempt_timestamp),
                ..Details::outcome(of.result, of.error)
            }),
            wait_details: operation.wait_details.map(|of| Details {
                scheduled_end_timestamp: millis(of.scheduled_end_timestamp),
                ..Details::default()
            }),
            callback_details: operation
                .callback_details
                .map(|of| Details { callback_id: of.callback_id, ..Details::outcome(of.result, of.error) }),
            chained_invoke_details: operation.chained_invoke_details.map(|of| Details::outcome(of.result, of.error)),
        }
    }
}

/// The invocation's payload.
///
/// # Errors
/// If the store fails.
pub(crate) async fn event(work: &mut Work<'_>, given: &Given) -> Result<Vec<u8>, AwsError> {
    let page = paging::page(work.tx, &work.id, &work.row, 0, MOST).await?;
    let mut updated_operation_ids = Vec::with_capacity(given.updated.len());
    for number in &given.updated {
        updated_operation_ids.extend(work.operation(*number).await?.map(|row| row.of.id));
    }
    let event = Event {
        durable_execution_arn: work.arn(),
        checkpoint_token: token::checkpoint(&work.id.id, &work.row.turn),
        initial_execution_state: InitialState {
            operations: page.operations.into_iter().map(Shown::from).collect(),
            next_marker: page.next.map(|number| marker(work.now, number)).unwrap_or_default(),
        },
        updated_operation_ids,
    };
    serde_json::to_vec(&event).map_err(AwsError::internal)
}
