//! Events as AWS shows them.

use updraft_api_lambda::types::{
    CallbackFailedDetails, CallbackStartedDetails, CallbackSucceededDetails, CallbackTimedOutDetails,
    ChainedInvokeFailedDetails, ChainedInvokeStartedDetails, ChainedInvokeStoppedDetails,
    ChainedInvokeSucceededDetails, ChainedInvokeTimedOutDetails, ContextFailedDetails, ContextStartedDetails,
    ContextSucceededDetails, Event, EventError, EventInput, EventPauseReason, EventResult, EventResumeReason,
    EventType, ExecutionFailedDetails, ExecutionPausedDetails, ExecutionResumedDetails, ExecutionStartedDetails,
    ExecutionStoppedDetails, ExecutionSucceededDetails, ExecutionTimedOutDetails, InvocationCompletedDetails,
    RetryDetails, StepFailedDetails, StepStartedDetails, StepSucceededDetails, WaitCancelledDetails,
    WaitStartedDetails, WaitSucceededDetails,
};
use updraft_kernel::AwsError;
use updraft_store::Tx;

use super::arn::ExecutionId;
use super::data::{Data, text_of};
use super::event::Happened;
use super::keys::EventKey;
use super::outcome::ErrorText;
use super::rows::{EventRow, ExecutionRow};
use super::view::integer;

/// Bytes of payloads after which a page ends.
const PAGE_BYTES: usize = 5 << 20;

/// Reads what events say, or leaves it out.
struct Teller<'a> {
    tx: &'a mut Tx,
    id: &'a ExecutionId,
    data: bool,
}

impl Teller<'_> {
    async fn text(&mut self, data: Option<&Data>) -> Result<Option<String>, AwsError> {
        if self.data { text_of(self.tx, self.id, data).await } else { Ok(None) }
    }

    async fn result(&mut self, data: Option<&Data>) -> Result<EventResult, AwsError> {
        Ok(EventResult { payload: self.text(data).await?, truncated: Some(!self.data) })
    }

    async fn input(&mut self, data: Option<&Data>) -> Result<EventInput, AwsError> {
        Ok(EventInput { payload: self.text(data).await?, truncated: Some(!self.data) })
    }

    async fn error(&mut self, data: Option<&Data>) -> Result<EventError, AwsError> {
        let payload = self.text(data).await?.map(|json| ErrorText::shown(&json));
        Ok(EventError { payload, truncated: Some(!self.data) })
    }

    /// Where there may be none.
    async fn error_if_any(&mut self, data: Option<&Data>) -> Result<Option<EventError>, AwsError> {
        match data {
            Some(data) => self.error(Some(data)).await.map(Some),
            None => Ok(None),
        }
    }
}

/// Which events are wanted.
#[derive(Debug)]
pub(crate) struct Asked {
    /// The number of the first.
    pub(crate) from: Option<u64>,
    pub(crate) latest_first: bool,
    /// Payloads and reasons are shown, too.
    pub(crate) data: bool,
    pub(crate) limit: usize,
}

/// A page, and the number of the event that the next one begins with.
///
/// # Errors
/// If the store fails.
pub(crate) async fn page(
    tx: &mut Tx,
    execution: (&ExecutionId, &ExecutionRow),
    asked: &Asked,
) -> Result<(Vec<Event>, Option<u64>), AwsError> {
    let (id, row) = execution;
    let last = row.counts.events;
    let (mut number, step) = match (asked.from, asked.latest_first) {
        (Some(from), true) => (from.min(last), u64::wrapping_neg(1)),
        (None, true) => (last, u64::wrapping_neg(1)),
        (from, false) => (from.unwrap_or(1).max(1), 1),
    };
    let (mut events, mut bytes) = (Vec::new(), 0);
    while (1..=last).contains(&number) {
        if events.len() >= asked.limit || (asked.data && bytes > PAGE_BYTES) {
            return Ok((events, Some(number)));
        }
        if let Some(found) = tx.row(&EventKey(id, number)).await? {
            let shown = event(tx, execution, number, found, asked.data).await?;
            bytes += weight(&shown);
            events.push(shown);
        }
        number = number.wrapping_add(step);
    }
    Ok((events, None))
}

/// About how large an event is, in bytes.
fn weight(event: &Event) -> usize {
    let results = [
        event.execution_succeeded_details.as_ref().map(|details| &details.result),
        event.context_succeeded_details.as_ref().map(|details| &details.result),
        event.step_succeeded_details.as_ref().map(|details| &details.result),
        event.callback_succeeded_details.as_ref().map(|details| &details.result),
        event.chained_invoke_succeeded_details.as_ref().map(|details| &details.result),
    ];
    let started = event.execution_started_details.as_ref().map(|details| &details.input);
    let called = event.chained_invoke_started_details.as_ref().and_then(|details| details.input.as_ref());
    let results = results.into_iter().flatten().filter_map(|result| result.payload.as_ref());
    let inputs = [started, called].into_iter().flatten().filter_map(|input| input.payload.as_ref());
    results.chain(inputs).map(String::len).sum()
}

/// `data`: payloads and reasons are shown, too.
///
/// # Errors
/// If the store fails.
async fn event(
    tx: &mut Tx,
    (id, execution): (&ExecutionId, &ExecutionRow),
    number: u64,
    row: EventRow,
    data: bool,
) -> Result<Event, AwsError> {
    let mut shown = Event {
        event_id: Some(i32::try_from(number).unwrap_or(i32::MAX)),
        event_timestamp: Some(row.at),
        ..Event::default()
    };
    match row.of {
        Some(of) => {
            (shown.id, shown.parent_id, shown.name, shown.sub_type) = (Some(of.id), of.parent, of.name, of.sub_type);
        }
        // AWS: an invocation's end is no operation's.
        None if matches!(row.what, Happened::InvocationCompleted { .. }) => {}
        None => (shown.id, shown.name) = (Some(id.id.clone()), Some(execution.name.clone())),
    }
    let mut teller = Teller { tx, id, data };
    match row.what {
        what @ (Happened::ExecutionStarted { .. }
        | Happened::ExecutionSucceeded { .. }
        | Happened::ExecutionFailed { .. }
        | Happened::ExecutionTimedOut { .. }
        | Happened::ExecutionStopped { .. }
        | Happened::ExecutionPaused { .. }
        | Happened::ExecutionResumed { .. }) => of_execution(&mut teller, &mut shown, what).await?,
        what @ (Happened::StepStarted | Happened::StepSucceeded { .. } | Happened::StepFailed { .. }) => {
            of_step(&mut teller, &mut shown, what).await?;
        }
        what @ (Happened::CallbackStarted { .. }
        | Happened::CallbackSucceeded { .. }
        | Happened::CallbackFailed { .. }
        | Happened::CallbackTimedOut { .. }) => of_callback(&mut teller, &mut shown, what).await?,
        what @ (Happened::ChainedInvokeStarted { .. }
        | Happened::ChainedInvokeSucceeded { .. }
        | Happened::ChainedInvokeFailed { .. }
        | Happened::ChainedInvokeTimedOut { .. }
        | Happened::ChainedInvokeStopped { .. }) => of_chained(&mut teller, &mut shown, what).await?,
        what => of_others(&mut teller, &mut shown, what).await?,
    }
    Ok(shown)
}

async fn of_execution(teller: &mut Teller<'_>, shown: &mut Event, what: Happened) -> Result<(), AwsError> {
    let truncated = Some(!teller.data);
    match what {
        Happened::ExecutionStarted { input, timeout_secs } => {
            let input = teller.input(Some(&input)).await?;
            shown.event_type = Some(EventType::ExecutionStarted);
            let details = ExecutionStartedDetails { input, execution_timeout: integer(timeout_secs) };
            shown.execution_started_details = Some(details);
        }
        Happened::ExecutionSucceeded { result } => {
            let result = teller.result(result.as_ref()).await?;
            shown.event_type = Some(EventType::ExecutionSucceeded);
            shown.execution_succeeded_details = Some(ExecutionSucceededDetails { result });
        }
        Happened::ExecutionFailed { error } => {
            let error = teller.error(error.as_ref()).await?;
            shown.event_type = Some(EventType::ExecutionFailed);
            shown.execution_failed_details = Some(ExecutionFailedDetails { error });
        }
        Happened::ExecutionTimedOut { error } => {
            let error = Some(teller.error(error.as_ref()).await?);
            shown.event_type = Some(EventType::ExecutionTimedOut);
            shown.execution_timed_out_details = Some(ExecutionTimedOutDetails { error });
        }
        Happened::ExecutionStopped { error } => {
            let error = teller.error(error.as_ref()).await?;
            shown.event_type = Some(EventType::ExecutionStopped);
            shown.execution_stopped_details = Some(ExecutionStoppedDetails { error });
        }
        Happened::ExecutionPaused { requested, reason, stops_timeout } => {
            let payload = |reason: String| Some(reason).filter(|_| teller.data);
            let reason = reason.map(|reason| EventPauseReason { payload: payload(reason), truncated });
            let (pause_request_timestamp, execution_timeout_paused) = (requested, stops_timeout);
            shown.event_type = Some(EventType::ExecutionPaused);
            shown.execution_paused_details =
                Some(ExecutionPausedDetails { pause_request_timestamp, reason, execution_timeout_paused });
        }
        Happened::ExecutionResumed { requested, reason } => {
            let payload = |reason: String| Some(reason).filter(|_| teller.data);
            let reason = reason.map(|reason| EventResumeReason { payload: payload(reason), truncated });
            shown.event_type = Some(EventType::ExecutionResumed);
            let resume_request_timestamp = requested;
            shown.execution_resumed_details = Some(ExecutionResumedDetails { resume_request_timestamp, reason });
        }
        _ => {}
    }
    Ok(())
}

fn retry(attempt: u32, next_secs: Option<u32>) -> RetryDetails {
    RetryDetails { current_attempt: Some(integer(attempt)), next_attempt_delay_seconds: next_secs.map(integer) }
}

async fn of_step(teller: &mut Teller<'_>, shown: &mut Event, what: Happened) -> Result<(), AwsError> {
    match what {
        Happened::StepSucceeded { result, attempt, next_secs } => {
            let (result, retry_details) = (teller.result(result.as_ref()).await?, retry(attempt, next_secs));
            shown.event_type = Some(EventType::StepSucceeded);
            shown.step_succeeded_details = Some(StepSucceededDetails { result, retry_details });
        }
        Happened::StepFailed { error, attempt, next_secs } => {
            let (error, retry_details) = (teller.error(error.as_ref()).await?, retry(attempt, next_secs));
            shown.event_type = Some(EventType::StepFailed);
            shown.step_failed_details = Some(StepFailedDetails { error, retry_details });
        }
        _ => {
            shown.event_type = Some(EventType::StepStarted);
            shown.step_started_details = Some(StepStartedDetails {});
        }
    }
    Ok(())
}

async fn of_callback(teller: &mut Teller<'_>, shown: &mut Event, what: Happened) -> Result<(), AwsError> {
    match what {
        Happened::CallbackStarted { id, timeout, heartbeat } => {
            let set = |seconds: u32| Some(integer(seconds)).filter(|seconds| *seconds > 0);
            shown.event_type = Some(EventType::CallbackStarted);
            shown.callback_started_details = Some(CallbackStartedDetails {
                callback_id: id,
                heartbeat_timeout: set(heartbeat),
                timeout: set(timeout),
            });
        }
        Happened::CallbackSucceeded { result } => {
            let result = teller.result(result.as_ref()).await?;
            shown.event_type = Some(EventType::CallbackSucceeded);
            shown.callback_succeeded_details = Some(CallbackSucceededDetails { result });
        }
        Happened::CallbackTimedOut { error } => {
            let error = teller.error(error.as_ref()).await?;
            shown.event_type = Some(EventType::CallbackTimedOut);
            shown.callback_timed_out_details = Some(CallbackTimedOutDetails { error });
        }
        Happened::CallbackFailed { error } => {
            let error = teller.error(error.as_ref()).await?;
            shown.event_type = Some(EventType::CallbackFailed);
            shown.callback_failed_details = Some(CallbackFailedDetails { error });
        }
        _ => {}
    }
    Ok(())
}

async fn of_chained(teller: &mut Teller<'_>, shown: &mut Event, what: Happened) -> Result<(), AwsError> {
    match what {
        Happened::ChainedInvokeStarted { function, input, version, execution } => {
            shown.event_type = Some(EventType::ChainedInvokeStarted);
            shown.chained_invoke_started_details = Some(ChainedInvokeStartedDetails {
                function_name: function,
                tenant_id: None,
                input: Some(teller.input(input.as_ref()).await?),
                executed_version: version,
                durable_execution_arn: execution,
            });
        }
        Happened::ChainedInvokeSucceeded { result } => {
            let result = teller.result(result.as_ref()).await?;
            shown.event_type = Some(EventType::ChainedInvokeSucceeded);
            shown.chained_invoke_succeeded_details = Some(ChainedInvokeSucceededDetails { result });
        }
        Happened::ChainedInvokeTimedOut { error } => {
            let error = teller.error(error.as_ref()).await?;
            shown.event_type = Some(EventType::ChainedInvokeTimedOut);
            shown.chained_invoke_timed_out_details = Some(ChainedInvokeTimedOutDetails { error });
        }
        Happened::ChainedInvokeStopped { error } => {
            let error = teller.error(error.as_ref()).await?;
            shown.event_type = Some(EventType::ChainedInvokeStopped);
            shown.chained_invoke_stopped_details = Some(ChainedInvokeStoppedDetails { error });
        }
        Happened::ChainedInvokeFailed { error } => {
            let error = teller.error(error.as_ref()).await?;
            shown.event_type = Some(EventType::ChainedInvokeFailed);
            shown.chained_invoke_failed_details = Some(ChainedInvokeFailedDetails { error });
        }
        _ => {}
    }
    Ok(())
}

async fn of_others(teller: &mut Teller<'_>, shown: &mut Event, what: Happened) -> Result<(), AwsError> {
    match what {
        Happened::ContextStarted => {
            shown.event_type = Some(EventType::ContextStarted);
            shown.context_started_details = Some(ContextStartedDetails {});
        }
        Happened::ContextSucceeded { result } => {
            let result = teller.result(result.as_ref()).await?;
            shown.event_type = Some(EventType::ContextSucceeded);
            shown.context_succeeded_details = Some(ContextSucceededDetails { result });
        }
        Happened::ContextFailed { error } => {
            let error = teller.error(error.as_ref()).await?;
            shown.event_type = Some(EventType::ContextFailed);
            shown.context_failed_details = Some(ContextFailedDetails { error });
        }
        Happened::WaitStarted { seconds, until } => {
            shown.event_type = Some(EventType::WaitStarted);
            let details = WaitStartedDetails { duration: integer(seconds), scheduled_end_timestamp: until };
            shown.wait_started_details = Some(details);
        }
        Happened::WaitSucceeded { seconds } => {
            shown.event_type = Some(EventType::WaitSucceeded);
            shown.wait_succeeded_details = Some(WaitSucceededDetails { duration: Some(integer(seconds)) });
        }
        Happened::WaitCancelled { error } => {
            let error = teller.error_if_any(error.as_ref()).await?;
            shown.event_type = Some(EventType::WaitCancelled);
            shown.wait_cancelled_details = Some(WaitCancelledDetails { error });
        }
        Happened::InvocationCompleted { started, ended, request_id, error } => {
            let error = teller.error_if_any(error.as_ref()).await?;
            shown.event_type = Some(EventType::InvocationCompleted);
            shown.invocation_completed_details =
                Some(InvocationCompletedDetails { start_timestamp: started, end_timestamp: ended, request_id, error });
        }
        _ => {}
    }
    Ok(())
}
