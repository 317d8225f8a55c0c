//! Invocations: begun in one transaction, carried out, and written down in another.

use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use updraft_delivery::{Attempt, Delivery, Target as DeliveryTarget, Verdict};
use updraft_kernel::ports::{Invocation, RunOutcome, RunnerRefusal};
use updraft_kernel::{AwsError, BoxFuture, RngExt, UnixMillis};
use updraft_store::{Tx, decode_row, run};

use super::arn::ExecutionId;
use super::event::Happened;
use super::input::{self, Given};
use super::keys::{UpdatedKey, number_of};
use super::outcome::{Answer, ErrorText, error};
use super::rows::{Origin, Phase, Status, UpdatedRow};
use super::rules::PAYLOAD_LIMIT;
use super::turn::{DueRow, pause_after};
use super::work::Work;
use crate::Lambda;
use crate::measure::Subject;
use crate::model::name::Target;
use crate::model::payload::SYNC_LIMIT;
use crate::prepared::Prepared;
use crate::table;

/// The kind of delivery that is an invocation of a durable function.
pub(crate) const INVOCATIONS: &str = "lambda.durable";

/// AWS: an answer that waits for nothing is taken for a slip this often.
const IDLE_ANSWERS: u32 = 3;
/// How many of one function's a worker has under way.
const AT_ONCE: usize = 64;
/// How long to leave a platform that is stopping.
const BUSY_PAUSE: Duration = Duration::from_secs(1);

/// An invocation that was begun.
struct Begun {
    prepared: Arc<Prepared>,
    invocation: Invocation,
    qualifier: String,
    at: UnixMillis,
}

/// Whose invocation is under way when one ends.
enum Whose {
    Own,
    /// Of this number.
    Anothers(u64),
    Nobodys,
}

/// Knows the service weakly, for the service owns the outbox that owns this.
#[derive(Debug)]
pub(crate) struct Invocations(pub(crate) Weak<Lambda>);

impl DeliveryTarget for Invocations {
    fn deliver<'a>(&'a self, delivery: &'a Delivery, which: Attempt) -> BoxFuture<'a, Verdict> {
        Box::pin(async move {
            let Some(svc) = self.0.upgrade() else { return stopping() };
            let due = match decode_row::<DueRow>(delivery.id.as_bytes(), &delivery.payload) {
                Ok(due) => due,
                Err(error) => return Verdict::Fail(error.to_string()),
            };
            match attempt(&svc, due, which.busy).await {
                Ok(verdict) => verdict,
                Err(error) => Verdict::Retry { reason: format!("{error:?}"), after: None },
            }
        })
    }

    fn concurrency(&self) -> usize {
        AT_ONCE
    }
}

pub(crate) fn stopping() -> Verdict {
    Verdict::Busy { reason: "the platform is stopping".to_owned(), after: BUSY_PAUSE }
}

/// `busy`: how often in a row there was no instance for it.
async fn attempt(svc: &Lambda, due: DueRow, busy: u32) -> Result<Verdict, AwsError> {
    let id = ExecutionId { account: due.account, region: due.region, id: due.id };
    let (request_id, number) = (svc.rng.uuid(), due.number);
    let begun = run(&*svc.store, |tx| begin(svc, tx, id.clone(), number, request_id.clone())).await?;
    let Some(begun) = begun else { return Ok(Verdict::Done) };
    let timeout = begun.prepared.spec.timeout;
    let ran = run_begun(svc, begun).await;
    if ran.as_ref().is_err_and(|refusal| refusal.is_throttle() || *refusal == RunnerRefusal::Stopping) {
        run(&*svc.store, |tx| refuse(svc, tx, id.clone(), request_id.clone())).await?;
        let after = pause_after(busy.saturating_add(1));
        return Ok(Verdict::Busy { reason: "no instance is free".to_owned(), after });
    }
    let failed = |refusal: RunnerRefusal| error(Some("ServiceException"), refusal.to_string());
    let ran = ran.map_err(failed);
    let whose = run(&*svc.store, |tx| finish(svc, tx, id.clone(), request_id.clone(), ran.clone())).await?;
    Ok(match whose {
        // If it dies, this delivery is all that begins it again; by then it has ended, or died.
        Whose::Anothers(there) if there == number => {
            Verdict::Busy { reason: "another attempt is under way".to_owned(), after: timeout }
        }
        _ => Verdict::Done,
    })
}

async fn run_begun(svc: &Lambda, begun: Begun) -> Result<RunOutcome, RunnerRefusal> {
    let Begun { prepared, invocation, qualifier, at } = begun;
    let ran = svc.start(&prepared, invocation).await;
    svc.measured(Subject::of(&prepared.spec, Some(&qualifier), at), &ran);
    ran
}

/// `None`: it isn't wanted any more. One that was begun before died in the middle, with whoever carried it out: its
/// function may still be at work, but its tokens count no more.
async fn begin(
    svc: &Lambda,
    mut tx: Tx,
    id: ExecutionId,
    number: u64,
    request_id: String,
) -> Result<Option<Begun>, AwsError> {
    let Some(mut work) = Work::load(svc, &mut tx, id).await? else { return Ok(None) };
    if work.row.turn.number != number || !matches!(work.row.turn.phase, Phase::Due | Phase::Running { .. }) {
        return Ok(None);
    }
    let begun = match work.row.status {
        Status::Running => begin_open(&mut work, request_id).await?,
        Status::Pausing => {
            work.row.turn.phase = Phase::Idle;
            work.pause_now(true).await?;
            None
        }
        Status::Paused => {
            work.row.turn.phase = Phase::Idle;
            work.wake().await?;
            None
        }
        _ => {
            work.row.turn.phase = Phase::Idle;
            None
        }
    };
    work.save()?;
    tx.commit().await?;
    Ok(begun)
}

async fn begin_open(work: &mut Work<'_>, request_id: String) -> Result<Option<Begun>, AwsError> {
    let qualifier = Some(work.row.version.clone());
    let target = Target { id: work.id.function(&work.row.function), qualifier };
    let prepared = match work.svc.prepare(work.tx, &target).await {
        Ok(prepared) => prepared,
        Err(missing) if missing.code().status == 404 => {
            work.row.turn.phase = Phase::Idle;
            let error = error(Some(missing.code().name), missing.message().to_owned());
            work.end(Status::Failed, None, Some(error)).await?;
            return Ok(None);
        }
        Err(other) => return Err(other),
    };
    let turn = &mut work.row.turn;
    (turn.attempt, turn.checkpoints) = (turn.attempt + 1, 0);
    turn.phase = Phase::Running { request_id: request_id.clone(), started: work.now, closed: false };
    let updated = tell(work).await?;
    let payload = Bytes::from(input::event(work, &Given { updated }).await?);
    let invocation = Invocation {
        request_id,
        invoked_arn: prepared.invoked_arn(Some(&work.row.qualifier)),
        payload,
        client_context: None,
        trace_header: None,
        tail: false,
    };
    Ok(Some(Begun { prepared, invocation, qualifier: work.row.qualifier.clone(), at: work.now }))
}

/// The operations that were changed from outside since the last invocation that came to a good end.
async fn tell(work: &mut Work<'_>) -> Result<Vec<u64>, AwsError> {
    let mut updated = Vec::new();
    for (key, row) in table::all::<UpdatedKey<'_>>(work.tx, UpdatedKey::all(&work.id)).await? {
        let number = number_of(&key)?;
        updated.push(number);
        if !row.told {
            work.tx.put_row(&UpdatedKey(&work.id, number), &UpdatedRow { told: true })?;
        }
    }
    Ok(updated)
}

/// There was no instance for it, so that it is as if it hadn't begun.
async fn refuse(svc: &Lambda, mut tx: Tx, id: ExecutionId, request_id: String) -> Result<(), AwsError> {
    let Some(mut work) = Work::load(svc, &mut tx, id).await? else { return Ok(()) };
    if !is_running(&work, &request_id) {
        return Ok(());
    }
    work.row.turn.phase = Phase::Due;
    for (key, _) in table::all::<UpdatedKey<'_>>(work.tx, UpdatedKey::all(&work.id)).await? {
        work.updated(number_of(&key)?)?;
    }
    work.save()?;
    tx.commit().await?;
    Ok(())
}

fn is_running(work: &Work<'_>, request: &str) -> bool {
    matches!(&work.row.turn.phase, Phase::Running { request_id, .. } if request_id == request)
}

/// Writes down what came of it.
async fn finish(
    svc: &Lambda,
    mut tx: Tx,
    id: ExecutionId,
    request_id: String,
    ran: Result<RunOutcome, ErrorText>,
) -> Result<Whose, AwsError> {
    let Some(mut work) = Work::load(svc, &mut tx, id).await? else { return Ok(Whose::Nobodys) };
    let Phase::Running { request_id: running, started, .. } = &work.row.turn.phase else { return Ok(Whose::Nobodys) };
    if work.row.status == Status::Deleting {
        return Ok(Whose::Nobodys);
    }
    if *running != request_id {
        return Ok(Whose::Anothers(work.row.turn.number));
    }
    let started = *started;
    work.row.turn.phase = Phase::Idle;
    match ran.and_then(answered) {
        Ok(answer) => judge(&mut work, (started, request_id), answer).await?,
        Err(error) => fail(&mut work, (started, request_id), error).await?,
    }
    work.save()?;
    tx.commit().await?;
    Ok(Whose::Own)
}

/// What a function that didn't fail said.
fn answered(outcome: RunOutcome) -> Result<Bytes, ErrorText> {
    match outcome.error {
        None => Ok(outcome.payload),
        Some(_) => Err(ErrorText::of_payload(&outcome.payload)),
    }
}

/// When an invocation began, and its id.
type Which = (UnixMillis, String);

fn completed(work: &mut Work<'_>, (started, request_id): Which, error: Option<ErrorText>) -> Result<(), AwsError> {
    let error = work.keep_some(error.map(ErrorText::into_json))?;
    work.record(None, Happened::InvocationCompleted { started, ended: work.now, request_id, error })
}

/// The function failed, or couldn't be run: it is invoked again after a pause.
async fn fail(work: &mut Work<'_>, which: Which, error: ErrorText) -> Result<(), AwsError> {
    completed(work, which, Some(error))?;
    if !work.row.status.is_open() {
        return Ok(());
    }
    work.row.turn.failures = work.row.turn.failures.saturating_add(1);
    let pause = pause_after(work.row.turn.failures);
    if work.row.status == Status::Pausing {
        return work.pause_now(true).await;
    }
    work.invoke_later(pause).await
}

async fn judge(work: &mut Work<'_>, which: Which, answer: Bytes) -> Result<(), AwsError> {
    let answer = Answer::read(&answer).and_then(|answer| fits(work, answer));
    let told = match &answer {
        Ok(Answer::Failed(error)) => error.clone(),
        _ => None,
    };
    completed(work, which, told)?;
    // It ended otherwise meanwhile, which counts.
    if !work.row.status.is_open() {
        return Ok(());
    }
    work.row.turn.failures = 0;
    forget_told(work).await?;
    match answer {
        Ok(Answer::Succeeded(result)) => work.end(Status::Succeeded, result, None).await,
        Ok(Answer::Failed(error)) => work.end(Status::Failed, None, error).await,
        Ok(Answer::Pending) => pending(work).await,
        Err(text) => work.end(Status::Failed, None, Some(error(Some("InvalidParameterValueException"), text))).await,
    }
}

/// AWS: who waits for a call gets more than who doesn't.
fn fits(work: &Work<'_>, answer: Answer) -> Result<Answer, String> {
    let limit = if work.row.origin == Origin::Call { SYNC_LIMIT } else { PAYLOAD_LIMIT };
    match &answer {
        Answer::Succeeded(Some(result)) if result.len() > limit => {
            Err(format!("Execution output payload size must be less than or equal to {limit} bytes."))
        }
        _ => Ok(answer),
    }
}

/// The function waits for something, which may have come meanwhile.
async fn pending(work: &mut Work<'_>) -> Result<(), AwsError> {
    let news = !table::all::<UpdatedKey<'_>>(work.tx, UpdatedKey::all(&work.id)).await?.is_empty();
    match work.row.status {
        Status::Pausing => return work.pause_now(news).await,
        Status::Paused => {
            if news {
                work.wake().await?;
            }
            return Ok(());
        }
        _ => {}
    }
    if news {
        return work.invoke().await;
    }
    if work.row.counts.pending > 0 {
        work.row.turn.idle_answers = 0;
        return Ok(());
    }
    work.row.turn.idle_answers += 1;
    if work.row.turn.idle_answers < IDLE_ANSWERS {
        return work.invoke_later(pause_after(work.row.turn.idle_answers)).await;
    }
    let text = "Cannot return PENDING status with no pending operations.";
    let error = error(Some("InvalidParameterValueException"), text);
    work.end(Status::Failed, None, Some(error)).await
}

/// The function has seen these changes, and done with them what it wanted.
async fn forget_told(work: &mut Work<'_>) -> Result<(), AwsError> {
    for (key, row) in table::all::<UpdatedKey<'_>>(work.tx, UpdatedKey::all(&work.id)).await? {
        if row.told {
            work.tx.delete_row(&UpdatedKey(&work.id, number_of(&key)?));
        }
    }
    Ok(())
}
