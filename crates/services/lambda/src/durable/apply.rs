//! A checkpoint's updates, one after the other.

use std::collections::HashMap;
use std::time::Duration;

use updraft_api_lambda::types::{CallbackOptions, OperationType, OperationUpdate};
use updraft_kernel::AwsError;

use super::event::Happened;
use super::keys::{OperationKey, SequenceKey};
use super::outcome::{ErrorText, error};
use super::rows::{Details, Kind, Of, OperationRow, Origin, State, Status};
use super::rules::{self, PAYLOAD_LIMIT, Step};
use super::timers::What;
use super::token;
use super::work::Work;
use crate::errors::invalid_parameter;
use crate::model::payload::SYNC_LIMIT;

/// The operations that a checkpoint speaks of, by the function's ids for them.
type Known = HashMap<String, (u64, OperationRow)>;

impl Work<'_> {
    /// Applies the updates and answers the numbers of the operations that they changed. An execution that has too
    /// much of something by them fails instead, and keeps nothing of them.
    ///
    /// # Errors
    /// In AWS's words, for what may not be said; nothing must be committed then.
    pub(crate) async fn apply(&mut self, updates: Vec<OperationUpdate>) -> Result<Vec<u64>, AwsError> {
        rules::batch(&updates)?;
        let mut known = self.known(&updates).await?;
        if let Some(text) = self.excess(&updates, &known) {
            self.end(Status::Failed, None, Some(error(None, text))).await?;
            return Ok(Vec::new());
        }
        let mut changed = Vec::new();
        for update in updates {
            let parent = update.parent_id.as_ref().and_then(|id| known.get(id)).map(|(_, parent)| parent.kind);
            let current = known.get(&update.id);
            rules::update(&update, parent, current.map(|(_, row)| row))?;
            let Some(kind) = rules::kind_of(&update.r#type) else {
                self.end_by(update).await?;
                continue;
            };
            let (id, current) = (update.id.clone(), current.cloned());
            let (number, row) = self.update(kind, update, current).await?;
            changed.push(number);
            known.insert(id, (number, row));
        }
        changed.sort_unstable();
        changed.dedup();
        Ok(changed)
    }

    async fn known(&mut self, updates: &[OperationUpdate]) -> Result<Known, AwsError> {
        let named = updates.iter().flat_map(|update| [Some(&update.id), update.parent_id.as_ref()]).flatten();
        let mut ids: Vec<&str> = named.map(String::as_str).collect();
        ids.sort_unstable();
        ids.dedup();
        let keys: Vec<_> = ids.iter().map(|id| SequenceKey(&self.id, id)).collect();
        let numbers: Vec<u64> = self.tx.row_many(&keys).await?.into_iter().flatten().map(|row| row.0).collect();
        let keys: Vec<_> = numbers.iter().map(|number| OperationKey(&self.id, *number)).collect();
        let rows = self.tx.row_many(&keys).await?;
        let pairs = numbers.into_iter().zip(rows).filter_map(|(number, row)| Some((number, row?)));
        Ok(pairs.map(|(number, row)| (row.of.id.clone(), (number, row))).collect())
    }

    fn excess(&self, updates: &[OperationUpdate], known: &Known) -> Option<String> {
        let mut new: Vec<&str> = updates
            .iter()
            .filter(|update| update.r#type != OperationType::Execution && !known.contains_key(&update.id))
            .map(|update| update.id.as_str())
            .collect();
        new.sort_unstable();
        new.dedup();
        let bytes: usize = updates.iter().filter_map(|update| update.payload.as_ref()).map(String::len).sum();
        let more = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let counts = &self.row.counts;
        rules::excess(counts.operations.saturating_add(more(new.len())), counts.bytes.saturating_add(more(bytes)))
    }

    /// The execution's own end. Its result may be larger here than in an answer.
    async fn end_by(&mut self, update: OperationUpdate) -> Result<(), AwsError> {
        let limit = if self.row.origin == Origin::Call { SYNC_LIMIT } else { PAYLOAD_LIMIT };
        if update.payload.as_ref().is_some_and(|payload| payload.len() > limit) {
            let text = format!("Execution output payload size must be less than or equal to {limit} bytes.");
            return Err(invalid_parameter(text));
        }
        match Step::of(&update.action) {
            Some(Step::Succeed) => self.end(Status::Succeeded, update.payload, None).await,
            _ => self.end(Status::Failed, None, update.error.map(ErrorText::from)).await,
        }
    }

    async fn update(
        &mut self,
        kind: Kind,
        update: OperationUpdate,
        current: Option<(u64, OperationRow)>,
    ) -> Result<(u64, OperationRow), AwsError> {
        let (number, mut row) = match current {
            Some(known) => known,
            None => {
                let row = self.begun(kind, &update);
                (self.add(&row)?, row)
            }
        };
        match (kind, Step::of(&update.action)) {
            (Kind::Step, Some(Step::Start)) => self.start_step(&mut row)?,
            (Kind::Step, Some(Step::Retry)) => self.retry_step(number, &mut row, update).await?,
            (Kind::Context, Some(Step::Start)) => self.record(Some(&row.of), Happened::ContextStarted)?,
            (Kind::Step | Kind::Context, _) => self.close(&mut row, update)?,
            (Kind::Wait, Some(Step::Cancel)) => self.cancel_wait(number, &mut row, update).await?,
            (Kind::Wait, _) => self.start_wait(number, &row).await?,
            (Kind::Callback, _) => self.start_callback(number, &row).await?,
            (Kind::ChainedInvoke, _) => self.start_chained(number, &mut row, update).await?,
        }
        self.put(number, &row)?;
        Ok((number, row))
    }

    /// An operation that nobody has heard of before.
    fn begun(&self, kind: Kind, update: &OperationUpdate) -> OperationRow {
        let of = Of {
            id: update.id.clone(),
            parent: update.parent_id.clone(),
            name: update.name.clone(),
            sub_type: update.sub_type.clone(),
        };
        let details = match kind {
            Kind::Context => Details::Context { replays: false },
            Kind::Step => Details::Step { attempts: 0, next: None },
            Kind::Wait => {
                // AWS: a wait that says no time is one of a second.
                let seconds = seconds(update.wait_options.as_ref().and_then(|options| options.wait_seconds), 1);
                Details::Wait { seconds, until: self.now.plus(Duration::from_secs(seconds.into())) }
            }
            Kind::Callback => callback(update.callback_options.as_ref()),
            Kind::ChainedInvoke => {
                let options = update.chained_invoke_options.as_ref();
                let function = options.map(|options| options.function_name.clone()).unwrap_or_default();
                Details::Chained { function, input: None }
            }
        };
        let (result, error) = (None, None);
        OperationRow { of, kind, state: State::Started, started: self.now, ended: None, result, error, details }
    }

    fn start_step(&mut self, row: &mut OperationRow) -> Result<(), AwsError> {
        row.state = State::Started;
        self.record(Some(&row.of), Happened::StepStarted)
    }

    async fn retry_step(
        &mut self,
        number: u64,
        row: &mut OperationRow,
        update: OperationUpdate,
    ) -> Result<(), AwsError> {
        let delay = seconds(update.step_options.and_then(|options| options.next_attempt_delay_seconds), 1);
        let at = self.now.plus(Duration::from_secs(delay.into()));
        (row.result, row.error) = self.outcome(update.payload, update.error.map(ErrorText::from))?;
        row.state = State::Pending;
        let attempt = attempted(row, Some(at));
        self.record_attempt(row, attempt, Some(delay))?;
        self.expect(number)?;
        self.wait(What::Operation(number), at).await
    }

    /// A step's or a context's end.
    fn close(&mut self, row: &mut OperationRow, update: OperationUpdate) -> Result<(), AwsError> {
        let failed = Step::of(&update.action) == Some(Step::Fail);
        (row.state, row.ended) = (if failed { State::Failed } else { State::Succeeded }, Some(self.now));
        let error = update.error.map(ErrorText::from).or_else(|| failed.then(ErrorText::default));
        (row.result, row.error) = self.outcome(update.payload, error)?;
        if let Details::Context { replays } = &mut row.details {
            *replays = update.context_options.and_then(|options| options.replay_children).unwrap_or(false);
            let (result, error) = (row.result.clone(), row.error.clone());
            let what = if failed { Happened::ContextFailed { error } } else { Happened::ContextSucceeded { result } };
            return self.record(Some(&row.of), what);
        }
        let attempt = attempted(row, None);
        self.record_attempt(row, attempt, None)
    }

    /// AWS: an attempt that asks for another one without an error has succeeded, as far as the history goes.
    fn record_attempt(&mut self, row: &OperationRow, attempt: u32, next_secs: Option<u32>) -> Result<(), AwsError> {
        let (result, error) = (row.result.clone(), row.error.clone());
        let what = match error {
            Some(error) => Happened::StepFailed { error: Some(error), attempt, next_secs },
            None => Happened::StepSucceeded { result, attempt, next_secs },
        };
        self.record(Some(&row.of), what)
    }

    async fn start_wait(&mut self, number: u64, row: &OperationRow) -> Result<(), AwsError> {
        let Details::Wait { seconds, until } = row.details else { return Ok(()) };
        self.record(Some(&row.of), Happened::WaitStarted { seconds, until })?;
        self.expect(number)?;
        self.wait(What::Operation(number), until).await
    }

    async fn cancel_wait(
        &mut self,
        number: u64,
        row: &mut OperationRow,
        update: OperationUpdate,
    ) -> Result<(), AwsError> {
        (row.state, row.ended) = (State::Cancelled, Some(self.now));
        let error = self.keep_some(update.error.map(|error| ErrorText::from(error).into_json()))?;
        self.record(Some(&row.of), Happened::WaitCancelled { error })?;
        self.expect_no_more(number);
        self.wait_no_more(What::Operation(number)).await
    }

    async fn start_callback(&mut self, number: u64, row: &OperationRow) -> Result<(), AwsError> {
        let Details::Callback { timeout, heartbeat } = row.details else { return Ok(()) };
        let id = token::callback(&self.id.id, number);
        self.record(Some(&row.of), Happened::CallbackStarted { id, timeout, heartbeat })?;
        self.expect(number)?;
        for (seconds, what) in [(timeout, What::CallbackTimeout(number)), (heartbeat, What::HeartbeatTimeout(number))] {
            if seconds > 0 {
                self.wait(what, self.now.plus(Duration::from_secs(seconds.into()))).await?;
            }
        }
        Ok(())
    }

    fn outcome(
        &mut self,
        result: Option<String>,
        error: Option<ErrorText>,
    ) -> Result<(Option<super::data::Data>, Option<super::data::Data>), AwsError> {
        Ok((self.keep_some(result)?, self.keep_some(error.map(ErrorText::into_json))?))
    }
}

/// Counts an attempt that is over.
fn attempted(row: &mut OperationRow, at: Option<updraft_kernel::UnixMillis>) -> u32 {
    let Details::Step { attempts, next } = &mut row.details else { return 0 };
    (*attempts, *next) = (attempts.saturating_add(1), at);
    *attempts
}

fn callback(options: Option<&CallbackOptions>) -> Details {
    Details::Callback {
        timeout: seconds(options.and_then(|options| options.timeout_seconds), 0),
        heartbeat: seconds(options.and_then(|options| options.heartbeat_timeout_seconds), 0),
    }
}

/// The tables have checked that it isn't negative.
fn seconds(asked: Option<i32>, otherwise: u32) -> u32 {
    asked.map_or(otherwise, i32::unsigned_abs)
}
