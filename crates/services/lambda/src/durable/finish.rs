//! How operations and executions end.

use std::time::Duration;

use updraft_kernel::AwsError;
use updraft_store::{KeyRange, Topic};

use super::arn::ExecutionId;
use super::event::Happened;
use super::keys::{OperationKey, PendingKey, number_of};
use super::outcome::{ErrorText, error};
use super::rows::{Details, Kind, OperationRow, Origin, State, Status};
use super::timers::What;
use super::work::Work;
use crate::table;

const DAY: Duration = Duration::from_hours(24);

/// Why a callback is over that nobody answered: AWS's type and text.
pub(crate) struct Late {
    kind: &'static str,
    text: &'static str,
}

pub(crate) static TIMEOUT: Late = Late { kind: "Callback.Timeout", text: "Callback timed out" };
pub(crate) static HEARTBEAT: Late = Late { kind: "Callback.Heartbeat", text: "Callback timed out on heartbeat" };

/// What an operation came to.
#[derive(Clone, Debug)]
pub(crate) struct End {
    state: State,
    result: Option<String>,
    error: Option<ErrorText>,
}

impl End {
    pub(crate) fn good(result: Option<String>) -> Self {
        Self { state: State::Succeeded, result, error: None }
    }

    pub(crate) fn bad(state: State, error: ErrorText) -> Self {
        Self { state, result: None, error: Some(error) }
    }
}

/// Touched when an execution ends.
pub(crate) fn ended(id: &ExecutionId) -> Topic {
    Topic::of(&[b"lambda", b"durable", id.id.as_bytes()])
}

impl Work<'_> {
    /// Ends an operation that waits for something outside of the function.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) async fn complete(&mut self, number: u64, mut row: OperationRow, end: End) -> Result<(), AwsError> {
        (row.state, row.ended) = (end.state, Some(self.now));
        row.result = self.keep_some(end.result)?;
        row.error = self.keep_some(end.error.map(ErrorText::into_json))?;
        self.put(number, &row)?;
        if let Some(what) = event_of_end(&row) {
            self.record(Some(&row.of), what)?;
        }
        self.expect_no_more(number);
        self.wait_for_none_of(number, row.kind).await?;
        self.updated(number)?;
        self.wake().await
    }

    /// # Errors
    /// If the store fails.
    pub(crate) async fn time_out_callback(&mut self, number: u64, late: &Late) -> Result<(), AwsError> {
        let Some(row) = self.operation(number).await? else { return Ok(()) };
        if row.state != State::Started || row.kind != Kind::Callback {
            return Ok(());
        }
        self.complete(number, row, End::bad(State::TimedOut, error(Some(late.kind), late.text))).await
    }

    /// Whoever is to answer the callback is still at it.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) async fn beat(&mut self, number: u64, row: &OperationRow) -> Result<(), AwsError> {
        match row.details {
            Details::Callback { heartbeat, .. } if heartbeat > 0 => {
                let due = self.now.plus(Duration::from_secs(heartbeat.into()));
                self.wait(What::HeartbeatTimeout(number), due).await
            }
            _ => Ok(()),
        }
    }

    /// # Errors
    /// If the store fails.
    pub(crate) async fn time_out(&mut self) -> Result<(), AwsError> {
        let text = format!("Execution timed out after {} seconds.", self.row.settings.timeout_secs);
        self.end(Status::TimedOut, None, Some(error(None, text))).await
    }

    /// Ends the execution, and tells whoever waits for it. What it waited for stays as it is.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) async fn end(
        &mut self,
        status: Status,
        result: Option<String>,
        error: Option<ErrorText>,
    ) -> Result<(), AwsError> {
        let (result_kept, error_json) = (self.keep_some(result.clone())?, error.clone().map(ErrorText::into_json));
        let error_kept = self.keep_some(error_json)?;
        let what = match status {
            Status::Succeeded => Happened::ExecutionSucceeded { result: result_kept.clone() },
            Status::TimedOut => Happened::ExecutionTimedOut { error: error_kept.clone() },
            Status::Stopped => Happened::ExecutionStopped { error: error_kept.clone() },
            _ => Happened::ExecutionFailed { error: error_kept.clone() },
        };
        self.record(None, what)?;
        let row = &mut self.row;
        (row.status, row.ended, row.pause) = (status, Some(self.now), None);
        (row.result, row.error) = (result_kept, error_kept);
        self.wait_for_nothing().await?;
        let kept = DAY.saturating_mul(self.row.settings.retention_days);
        self.wait(What::Expire, self.now.plus(kept)).await?;
        self.tx.touch(ended(&self.id));
        self.send_dead_letter(status, error.as_ref()).await?;
        self.tell_parent(status, result, error).await
    }

    /// Nothing happens any more to an execution that has ended.
    async fn wait_for_nothing(&mut self) -> Result<(), AwsError> {
        self.wait_no_more(What::Timeout).await?;
        self.wait_no_more(What::Invoke).await?;
        if self.row.counts.pending == 0 {
            return Ok(());
        }
        let range: KeyRange = PendingKey::all(&self.id);
        for (key, _) in table::all::<PendingKey<'_>>(self.tx, range.clone()).await? {
            let number = number_of(&key)?;
            if let Some(row) = self.tx.row(&OperationKey(&self.id, number)).await? {
                self.wait_for_none_of(number, row.kind).await?;
            }
        }
        self.tx.raw().delete_range(range);
        self.row.counts.pending = 0;
        Ok(())
    }

    async fn tell_parent(
        &mut self,
        status: Status,
        result: Option<String>,
        error_text: Option<ErrorText>,
    ) -> Result<(), AwsError> {
        let Origin::Chained { parent, operation } = &self.row.origin else { return Ok(()) };
        let number = *operation;
        let id = ExecutionId { id: parent.clone(), ..self.id.clone() };
        let end = match status {
            Status::Succeeded => End::good(result),
            Status::TimedOut => End::bad(State::TimedOut, chained_timeout(self.row.settings.timeout_secs)),
            Status::Stopped => End { state: State::Stopped, result: None, error: error_text },
            _ => End::bad(State::Failed, error_text.unwrap_or_else(|| error(None, "Chained invoke failed."))),
        };
        let Some(mut parent) = Work::load(self.svc, self.tx, id).await? else { return Ok(()) };
        parent.answer_chained(number, end).await?;
        parent.save()
    }

    /// What a called function came to. Whoever has ended meanwhile needs no answer.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) async fn answer_chained(&mut self, number: u64, end: End) -> Result<(), AwsError> {
        if !self.row.status.is_open() {
            return Ok(());
        }
        match self.operation(number).await? {
            Some(row) if row.state == State::Started => self.complete(number, row, end).await,
            _ => Ok(()),
        }
    }
}

/// AWS's own error of a call that took too long.
fn chained_timeout(seconds: u32) -> ErrorText {
    error(Some("ChainedInvoke.Timeout"), format!("CHAINED_INVOKE timed out after {seconds} seconds."))
}

fn event_of_end(row: &OperationRow) -> Option<Happened> {
    let (result, error) = (row.result.clone(), row.error.clone());
    Some(match (&row.details, row.state) {
        (Details::Wait { seconds, .. }, State::Succeeded) => Happened::WaitSucceeded { seconds: *seconds },
        (Details::Callback { .. }, State::Succeeded) => Happened::CallbackSucceeded { result },
        (Details::Callback { .. }, State::TimedOut) => Happened::CallbackTimedOut { error },
        (Details::Callback { .. }, _) => Happened::CallbackFailed { error },
        (Details::Chained { .. }, State::Succeeded) => Happened::ChainedInvokeSucceeded { result },
        (Details::Chained { .. }, State::TimedOut) => Happened::ChainedInvokeTimedOut { error },
        (Details::Chained { .. }, State::Stopped) => Happened::ChainedInvokeStopped { error },
        (Details::Chained { .. }, _) => Happened::ChainedInvokeFailed { error },
        _ => return None,
    })
}
