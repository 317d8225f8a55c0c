//! Executions and operations as AWS shows them.

use updraft_api_lambda::types::{
    CallbackDetails, ChainedInvokeDetails, ContextDetails, ErrorObject, ExecutionDetails, GetDurableExecutionOutput,
    Operation, OperationStatus, OperationType, PauseDetails, StepDetails, WaitDetails,
};
use updraft_kernel::AwsError;
use updraft_store::Tx;

use super::arn::ExecutionId;
use super::data::{Data, text_of};
use super::outcome::ErrorText;
use super::rows::{Details, ExecutionRow, OperationRow, Pause, Status};
use super::token;
use super::work::Work;

/// # Errors
/// If the store fails.
pub(crate) async fn error_of(
    tx: &mut Tx,
    id: &ExecutionId,
    data: Option<&Data>,
) -> Result<Option<ErrorObject>, AwsError> {
    Ok(text_of(tx, id, data).await?.map(|json| ErrorText::shown(&json)))
}

/// The operation that stands for the execution itself, which is always the first.
///
/// # Errors
/// If the store fails.
pub(crate) async fn execution_operation(
    tx: &mut Tx,
    id: &ExecutionId,
    row: &ExecutionRow,
) -> Result<Operation, AwsError> {
    Ok(Operation {
        id: id.id.clone(),
        name: Some(row.name.clone()),
        r#type: OperationType::Execution,
        start_timestamp: row.started,
        status: OperationStatus::Started,
        execution_details: Some(ExecutionDetails { input_payload: Some(row.input.text(tx, id).await?) }),
        ..Operation::default()
    })
}

/// # Errors
/// If the store fails.
pub(crate) async fn operation(
    tx: &mut Tx,
    id: &ExecutionId,
    number: u64,
    row: &OperationRow,
) -> Result<Operation, AwsError> {
    let result = text_of(tx, id, row.result.as_ref()).await?;
    let error = error_of(tx, id, row.error.as_ref()).await?;
    let mut shown = Operation {
        id: row.of.id.clone(),
        parent_id: row.of.parent.clone(),
        name: row.of.name.clone(),
        r#type: row.kind.shown(),
        sub_type: row.of.sub_type.clone(),
        start_timestamp: row.started,
        end_timestamp: row.ended,
        status: row.state.shown(),
        ..Operation::default()
    };
    match &row.details {
        Details::Context { replays } => {
            let replay_children = row.state.is_over().then_some(*replays);
            shown.context_details = Some(ContextDetails { replay_children, result, error });
        }
        Details::Step { attempts, next } => {
            let (attempt, next_attempt_timestamp) = (Some(integer(*attempts)), *next);
            shown.step_details = Some(StepDetails { attempt, next_attempt_timestamp, result, error });
        }
        Details::Wait { until, .. } => {
            shown.wait_details = Some(WaitDetails { scheduled_end_timestamp: Some(*until) });
        }
        Details::Callback { .. } => {
            let callback_id = Some(token::callback(&id.id, number));
            shown.callback_details = Some(CallbackDetails { callback_id, result, error });
        }
        Details::Chained { .. } => shown.chained_invoke_details = Some(ChainedInvokeDetails { result, error }),
    }
    Ok(shown)
}

/// `data`: what it was given and came to is shown, too.
///
/// # Errors
/// If the store fails.
pub(crate) async fn execution(work: &mut Work<'_>, data: bool) -> Result<GetDurableExecutionOutput, AwsError> {
    let arn = work.arn();
    let expected = work.expected_timeout();
    let (row, id) = (&work.row, &work.id);
    let mut shown = GetDurableExecutionOutput {
        durable_execution_arn: arn,
        durable_execution_name: row.name.clone(),
        function_arn: id.function_arn(row).to_string(),
        start_timestamp: row.started,
        status: row.status.shown(),
        end_timestamp: row.ended,
        version: Some(row.version.clone()),
        execution_data_included: Some(data),
        durable_config: Some(row.settings.shown()),
        pause_details: row.pause.as_ref().map(|pause| paused(pause, data)),
        expected_execution_timeout_timestamp: expected,
        ..GetDurableExecutionOutput::default()
    };
    // What is being deleted may be gone in part.
    if data && row.status != Status::Deleting {
        shown.input_payload = Some(row.input.text(work.tx, id).await?);
        shown.result = text_of(work.tx, id, row.result.as_ref()).await?;
        shown.error = error_of(work.tx, id, row.error.as_ref()).await?;
    }
    Ok(shown)
}

fn paused(pause: &Pause, data: bool) -> PauseDetails {
    PauseDetails {
        pause_request_timestamp: pause.requested,
        reason: pause.reason.clone().filter(|_| data),
        execution_timeout_paused: pause.stops_timeout,
    }
}

pub(crate) fn integer(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}
