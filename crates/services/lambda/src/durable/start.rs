//! How executions begin, and how somebody waits for their end.

use std::time::Duration;

use bytes::Bytes;
use sha2::{Digest, Sha256};
use updraft_api_lambda::errors::DURABLE_EXECUTION_ALREADY_STARTED_EXCEPTION;
use updraft_kernel::ports::{InvocationType, InvokeOutcome};
use updraft_kernel::{AwsError, RngExt};
use updraft_store::{StoreExt, Tx};

use super::arn::ExecutionId;
use super::data::{Data, text_of};
use super::event::Happened;
use super::finish::ended;
use super::keys::{ExecutionKey, NameKey};
use super::outcome::ErrorText;
use super::rows::{Counts, ExecutionRow, NameRow, Origin, Status, Turn};
use super::timers::What;
use super::work::Work;
use crate::Lambda;
use crate::call::{Call, empty};
use crate::errors::invalid_parameter;
use crate::model::durable::Durable;
use crate::model::name::Target;
use crate::prepared::Prepared;

/// AWS: nobody waits longer for an answer.
const LONGEST_CALL_SECS: u32 = 900;

pub(crate) const UNQUALIFIED: &str = "You cannot invoke a durable function using an unqualified ARN.";

/// What is started.
pub(crate) struct Start<'a> {
    /// With the qualifier it is called by.
    pub(crate) target: &'a Target,
    pub(crate) version: String,
    pub(crate) settings: &'a Durable,
    pub(crate) name: Option<&'a str>,
    pub(crate) input: String,
    pub(crate) origin: Origin,
}

/// What a call was answered, and the execution that was behind it.
#[derive(Debug)]
pub(crate) struct Called {
    pub(crate) outcome: InvokeOutcome,
    pub(crate) execution: Option<String>,
}

/// An execution that there is when `tx` commits: a new one, or the one that has the name already and was started with
/// the same input.
///
/// # Errors
/// If one has the name that was started otherwise.
pub(crate) async fn start(
    svc: &Lambda,
    tx: &mut Tx,
    start: Start<'_>,
) -> Result<(ExecutionId, ExecutionRow), AwsError> {
    let function = &start.target.id;
    let input_hash = Sha256::digest(start.input.as_bytes()).into();
    if let Some(name) = start.name
        && let Some(NameRow(id)) = tx.row(&NameKey(function, name)).await?
    {
        let id = ExecutionId { account: function.account.clone(), region: function.region.clone(), id };
        if let Some(row) = tx.row(&ExecutionKey(&id)).await? {
            return if row.input_hash == input_hash { Ok((id, row)) } else { Err(taken(name)) };
        }
    }
    let id = ExecutionId { account: function.account.clone(), region: function.region.clone(), id: svc.rng.uuid() };
    let (now, settings) = (svc.clock.now(), start.settings);
    let row = ExecutionRow {
        name: start.name.map_or_else(|| svc.rng.uuid(), str::to_owned),
        function: function.name.clone(),
        version: start.version,
        qualifier: start.target.qualifier.clone().unwrap_or_default(),
        origin: start.origin,
        started: now,
        input: Data::Here(String::new()),
        input_hash,
        settings: settings.clone(),
        status: Status::Running,
        ended: None,
        result: None,
        error: None,
        deadline: now.plus(Duration::from_secs(settings.timeout_secs.into())),
        counts: Counts::default(),
        turn: Turn::default(),
        pause: None,
        asked: None,
        deleting: None,
    };
    tx.put_row(&NameKey(function, &row.name), &NameRow(id.id.clone()))?;
    let mut work = Work::new(svc, tx, id.clone(), row);
    begin(&mut work, start.input).await?;
    let row = work.row.clone();
    work.save()?;
    Ok((id, row))
}

async fn begin(work: &mut Work<'_>, input: String) -> Result<(), AwsError> {
    let input = work.keep(input)?;
    work.row.input = input.clone();
    work.record(None, Happened::ExecutionStarted { input, timeout_secs: work.row.settings.timeout_secs })?;
    work.wait(What::Timeout, work.row.deadline).await?;
    work.invoke().await
}

/// AWS's words for this aren't known.
fn taken(name: &str) -> AwsError {
    let text = format!("A durable execution named {name} was already started with a different payload.");
    AwsError::new(&DURABLE_EXECUTION_ALREADY_STARTED_EXCEPTION, text)
}

impl Lambda {
    /// A call of a durable function: starts an execution, and waits for its end if the caller does.
    ///
    /// # Errors
    /// In AWS's words, for what may not be called so.
    pub(crate) async fn call_durable(&self, call: Call, prepared: &Prepared) -> Result<Called, AwsError> {
        if call.target.qualifier.is_none() {
            return Err(invalid_parameter(UNQUALIFIED));
        }
        if call.kind == InvocationType::DryRun {
            return Ok(Called { outcome: empty(204, prepared), execution: None });
        }
        let waits = call.kind == InvocationType::RequestResponse;
        let (id, row) = self.start_durable(&call, waits).await?;
        let execution = Some(id.arn(&row));
        let outcome = if waits { self.end_of(&id).await? } else { started(row.version) };
        Ok(Called { outcome, execution })
    }

    async fn start_durable(&self, call: &Call, waits: bool) -> Result<(ExecutionId, ExecutionRow), AwsError> {
        let mut tx = self.store.write().await?;
        let prepared = self.prepare(&mut tx, &call.target).await?;
        let Some(settings) = &prepared.durable else {
            // It was made anew in between: the call is looked at again.
            return Err(AwsError::conflict("the function is no longer durable"));
        };
        if waits && settings.timeout_secs > LONGEST_CALL_SECS {
            return Err(invalid_parameter(
                "You cannot synchronously invoke a durable function with an executionTimeout greater than 15 minutes.",
            ));
        }
        let input = String::from_utf8_lossy(&call.payload).into_owned();
        let origin = if waits { Origin::Call } else { Origin::Event };
        let (version, name) = (prepared.spec.version.clone(), Some(name(call)));
        let started = start(self, &mut tx, Start { target: &call.target, version, settings, name, input, origin });
        let started = started.await?;
        tx.commit().await?;
        Ok(started)
    }

    /// What the execution comes to. Its time limit is what ends the wait at the latest.
    async fn end_of(&self, id: &ExecutionId) -> Result<InvokeOutcome, AwsError> {
        let mut watch = self.store.watch(ended(id));
        loop {
            let mut tx = self.store.read().await?;
            let row = tx.row(&ExecutionKey(id)).await?.ok_or_else(|| AwsError::internal("the execution is gone"))?;
            if !row.status.is_open() {
                return outcome(&mut tx, id, row).await;
            }
            drop(tx);
            watch.changed().await;
        }
    }
}

/// What the caller named it, or else the call: one that comes again, since nobody knows whether it came, is the same.
fn name(call: &Call) -> &str {
    call.execution_name.as_deref().unwrap_or(&call.request_id)
}

/// What is answered at once.
fn started(executed_version: String) -> InvokeOutcome {
    InvokeOutcome { status: 202, payload: Bytes::new(), function_error: None, log_tail: None, executed_version }
}

async fn outcome(tx: &mut Tx, id: &ExecutionId, row: ExecutionRow) -> Result<InvokeOutcome, AwsError> {
    let result = text_of(tx, id, row.result.as_ref()).await?;
    let error = text_of(tx, id, row.error.as_ref()).await?;
    let failed = row.status != Status::Succeeded;
    let payload = if failed { ErrorText::as_payload(&error.unwrap_or_default()) } else { result.unwrap_or_default() };
    Ok(InvokeOutcome {
        status: 200,
        payload: Bytes::from(payload),
        function_error: failed.then_some("Unhandled"),
        log_tail: None,
        executed_version: row.version,
    })
}
