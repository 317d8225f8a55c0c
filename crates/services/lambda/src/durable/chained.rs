//! Calls that executions make of other functions.

use std::sync::{Arc, Weak};

use bytes::Bytes;
use updraft_api_lambda::types::OperationUpdate;
use updraft_delivery::{Attempt, Delivery, Target as DeliveryTarget, Verdict};
use updraft_kernel::ports::{Invocation, RunOutcome, RunnerRefusal};
use updraft_kernel::{AwsError, BoxFuture, RngExt};
use updraft_store::{StoreExt, Tx, decode_row, run};

use super::arn::ExecutionId;
use super::attempt::stopping;
use super::data::text_of;
use super::event::Happened;
use super::finish::End;
use super::outcome::{ErrorText, error};
use super::rows::{Details, OperationRow, Origin, State};
use super::rules::PAYLOAD_LIMIT;
use super::start::{Start, UNQUALIFIED, start};
use super::turn::{DueRow, pause_after};
use super::work::Work;
use crate::Lambda;
use crate::errors::{invalid_parameter, unsupported};
use crate::measure::Subject;
use crate::model::name::{Place, Target};
use crate::model::payload::check_json;
use crate::prepared::Prepared;

/// The kind of delivery that is a call of a function that isn't durable.
pub(crate) const CHAINED: &str = "lambda.chained";

/// How many of one function's a worker has under way.
const AT_ONCE: usize = 64;

impl Work<'_> {
    /// Has the function called, and makes the operation wait for it. One that can't be called fails at once.
    ///
    /// # Errors
    /// In AWS's words, for what no function may call.
    pub(crate) async fn start_chained(
        &mut self,
        number: u64,
        row: &mut OperationRow,
        update: OperationUpdate,
    ) -> Result<(), AwsError> {
        let Details::Chained { function, .. } = &row.details else { return Ok(()) };
        let function = function.clone();
        if update.chained_invoke_options.is_some_and(|options| options.tenant_id.is_some()) {
            return Err(unsupported("Tenant isolation is"));
        }
        let target = self.target(&function)?;
        // AWS: no payload is an empty object, as in any call.
        let input = update.payload.unwrap_or_else(|| "{}".to_owned());
        let prepared = match self.callable(&target, &input).await? {
            Ok(prepared) => prepared,
            Err(why) => return self.fail_chained(row, function, why),
        };
        let kept = self.keep(input.clone())?;
        row.details = Details::Chained { function: function.clone(), input: Some(kept.clone()) };
        let execution = self.call(number, &target, &prepared, input).await?;
        let version = Some(prepared.spec.version.clone());
        let what = Happened::ChainedInvokeStarted { function, input: Some(kept), version, execution };
        self.record(Some(&row.of), what)?;
        self.expect(number)
    }

    fn target(&self, function: &str) -> Result<Target, AwsError> {
        match Target::within(&self.id.account, &self.id.region, function) {
            Ok(target) => Ok(target),
            Err(Place::Account) => {
                Err(invalid_parameter("Cannot start a CHAINED_INVOKE on a function in another account."))
            }
            Err(Place::Region) => {
                Err(invalid_parameter("Cannot start a CHAINED_INVOKE on a function in another region."))
            }
        }
    }

    /// The function, or why it can't be called.
    async fn callable(&mut self, target: &Target, input: &str) -> Result<Result<Arc<Prepared>, ErrorText>, AwsError> {
        let said = |error_said: &AwsError| error(Some(error_said.code().name), error_said.message().to_owned());
        let prepared = match self.svc.prepare(self.tx, target).await {
            Ok(prepared) => prepared,
            Err(missing) if missing.code().status == 404 => return Ok(Err(said(&missing))),
            Err(other) => return Err(other),
        };
        if prepared.durable.is_some() && target.qualifier.is_none() {
            return Ok(Err(said(&invalid_parameter(UNQUALIFIED))));
        }
        Ok(check_json(input.as_bytes()).map(|()| prepared).map_err(|broken| said(&broken)))
    }

    /// The execution that was started, if the function is durable.
    async fn call(
        &mut self,
        number: u64,
        target: &Target,
        prepared: &Prepared,
        input: String,
    ) -> Result<Option<String>, AwsError> {
        let Some(settings) = &prepared.durable else {
            let id = format!("{}/call/{number}", self.id.id);
            self.deliver(CHAINED, id, number).await?;
            return Ok(None);
        };
        let origin = Origin::Chained { parent: self.id.id.clone(), operation: number };
        let version = prepared.spec.version.clone();
        let child = Start { target, version, settings, name: None, input, origin };
        let (id, row) = start(self.svc, self.tx, child).await?;
        Ok(Some(id.arn(&row)))
    }

    /// AWS: of a call that wasn't made, the input isn't kept.
    fn fail_chained(&mut self, row: &mut OperationRow, function: String, why: ErrorText) -> Result<(), AwsError> {
        let (input, version, execution) = (None, None, None);
        self.record(Some(&row.of), Happened::ChainedInvokeStarted { function, input, version, execution })?;
        (row.state, row.ended) = (State::Failed, Some(self.now));
        row.error = Some(self.keep(why.into_json())?);
        self.record(Some(&row.of), Happened::ChainedInvokeFailed { error: row.error.clone() })
    }
}

/// Knows the service weakly, for the service owns the outbox that owns this.
#[derive(Debug)]
pub(crate) struct ChainedCalls(pub(crate) Weak<Lambda>);

impl DeliveryTarget for ChainedCalls {
    fn deliver<'a>(&'a self, delivery: &'a Delivery, which: Attempt) -> BoxFuture<'a, Verdict> {
        Box::pin(async move {
            let Some(svc) = self.0.upgrade() else { return stopping() };
            let due = match decode_row::<DueRow>(delivery.id.as_bytes(), &delivery.payload) {
                Ok(due) => due,
                Err(error) => return Verdict::Fail(error.to_string()),
            };
            match carry_out(&svc, due).await {
                Ok(Some(reason)) => Verdict::Busy { reason, after: pause_after(which.busy.saturating_add(1)) },
                Ok(None) => Verdict::Done,
                Err(error) => Verdict::Retry { reason: format!("{error:?}"), after: None },
            }
        })
    }

    fn concurrency(&self) -> usize {
        AT_ONCE
    }
}

/// Calls the function once; `Some`: it has no room now.
async fn carry_out(svc: &Lambda, due: DueRow) -> Result<Option<String>, AwsError> {
    let (id, number) = (ExecutionId { account: due.account, region: due.region, id: due.id }, due.number);
    let Some((target, input)) = wanted(svc, &id, number).await? else { return Ok(None) };
    let prepared = match svc.prepare(&mut svc.store.read().await?, &target).await {
        Ok(prepared) => prepared,
        Err(missing) if missing.code().status == 404 => {
            let why = error(Some(missing.code().name), missing.message().to_owned());
            return answer(svc, id, number, End::bad(State::Failed, why)).await.map(|()| None);
        }
        Err(other) => return Err(other),
    };
    let invocation = Invocation {
        request_id: svc.rng.uuid(),
        invoked_arn: prepared.invoked_arn(target.qualifier.as_deref()),
        payload: Bytes::from(input),
        client_context: None,
        trace_header: None,
        tail: false,
    };
    let subject = Subject::of(&prepared.spec, target.qualifier.as_deref(), svc.clock.now());
    let ran = svc.start(&prepared, invocation).await;
    svc.measured(subject, &ran);
    let end = match ran {
        Err(refusal) if refusal.is_throttle() || refusal == RunnerRefusal::Stopping => {
            return Ok(Some(refusal.to_string()));
        }
        Err(refusal) => End::bad(State::Failed, error(Some("ServiceException"), refusal.to_string())),
        Ok(outcome) => end_of(outcome),
    };
    answer(svc, id, number, end).await.map(|()| None)
}

/// What is to be called, with what, if it still is.
async fn wanted(svc: &Lambda, id: &ExecutionId, number: u64) -> Result<Option<(Target, String)>, AwsError> {
    let mut tx = svc.store.read().await?;
    let Some(work) = &mut Work::load(svc, &mut tx, id.clone()).await? else { return Ok(None) };
    let row = work.operation(number).await?.filter(|row| row.state == State::Started);
    let Some(Details::Chained { function, input }) = row.map(|row| row.details) else { return Ok(None) };
    if !work.row.status.is_open() {
        return Ok(None);
    }
    let input = text_of(work.tx, id, input.as_ref()).await?.unwrap_or_default();
    Ok(Some((work.target(&function)?, input)))
}

fn end_of(outcome: RunOutcome) -> End {
    result(outcome).map_or_else(|error| End::bad(State::Failed, error), End::good)
}

fn result(outcome: RunOutcome) -> Result<Option<String>, ErrorText> {
    if outcome.error.is_some() {
        return Err(ErrorText::of_payload(&outcome.payload));
    }
    let broken = |_| error(None, "CHAINED_INVOKE response could not be decoded as UTF-8.");
    let text = String::from_utf8(outcome.payload.to_vec()).map_err(broken)?;
    if text.len() > PAYLOAD_LIMIT {
        let limit = PAYLOAD_LIMIT;
        let text = format!("CHAINED_INVOKE output payload size must be less than or equal to {limit} bytes.");
        return Err(error(None, text));
    }
    Ok(Some(text).filter(|text| !text.is_empty()))
}

async fn answer(svc: &Lambda, id: ExecutionId, number: u64, end: End) -> Result<(), AwsError> {
    run(&*svc.store, |tx| write_answer(svc, tx, id.clone(), number, end.clone())).await
}

async fn write_answer(svc: &Lambda, mut tx: Tx, id: ExecutionId, number: u64, end: End) -> Result<(), AwsError> {
    let Some(mut work) = Work::load(svc, &mut tx, id).await? else { return Ok(()) };
    work.answer_chained(number, end).await?;
    work.save()?;
    tx.commit().await?;
    Ok(())
}
