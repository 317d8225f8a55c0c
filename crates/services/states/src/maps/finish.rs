//! All children have ended: the execution is told what came of the run.

use serde_json::Value;
use updraft_asl::run::{Failed, Signal};
use updraft_kernel::AwsError;
use updraft_store::StoreExt;

use super::Kept;
use super::export::{self, Unwritten};
use super::pump::Next;
use super::results::{Form, Results};
use crate::StepFunctions;
use crate::keys::MapRunKey;
use crate::model::map_run::{MapRun, Outcome, Stopping};
use crate::model::name::MapRunId;
use crate::run::{context, step};

/// The most bytes that a state may put out.
const LARGEST: usize = 262_144;

/// # Errors
/// If it may go well later.
pub(super) async fn finish(svc: &StepFunctions, run: &MapRunId, kept: &Kept, seen: &MapRun) -> Result<Next, AwsError> {
    let came = came(svc, run, kept, seen).await?;
    let mut tx = svc.parts.store.write().await?;
    let Some(mut row) = tx.row(&MapRunKey(run)).await?.filter(|row| row.ended.is_none()) else { return Ok(Next::Over) };
    if row.is_put_off() {
        row.go_on();
        tx.put_row(&MapRunKey(run), &row)?;
        tx.commit().await?;
        return Ok(Next::Another);
    }
    let outcome = match &came {
        None => Outcome::Aborted,
        Some(Ok(_)) => Outcome::Succeeded,
        Some(Err(_)) => Outcome::Failed,
    };
    row.ended = Some((svc.parts.clock.now(), outcome));
    // AWS: counted whether or not there is a writer.
    (row.executions.written, row.items.written) = (row.executions.started, row.items.started);
    tx.put_row(&MapRunKey(run), &row)?;
    if let Some(came) = came {
        step(svc, &mut tx, &row.parent, Signal::MapEnded(row.turn, came)).await?;
    }
    tx.commit().await?;
    Ok(Next::Over)
}

/// `None`: nobody waits for it.
async fn came(
    svc: &StepFunctions,
    run: &MapRunId,
    kept: &Kept,
    row: &MapRun,
) -> Result<Option<Result<Value, Failed>>, AwsError> {
    let stopped = match &row.stopping {
        Some(Stopping::Aborted) => return Ok(None),
        Some(Stopping::Failed(error, cause)) => Some(Failed { error: Some(error.clone()), cause: Some(cause.clone()) }),
        None => None,
    };
    let writer = kept.plan.writer.as_ref();
    let written = match writer.filter(|writer| writer.resource.is_some()) {
        Some(writer) => {
            let cx = context(svc, &row.parent);
            match export::export((svc, &cx), (run, kept, row), writer).await {
                Ok(told) => Some(Ok(told)),
                Err(Unwritten::Never(failed)) => Some(Err(failed)),
                Err(Unwritten::ForNow(error)) => return Err(error),
            }
        }
        None => None,
    };
    Ok(Some(match (stopped, written) {
        (Some(failed), _) => Err(failed),
        (None, Some(written)) => written,
        (None, None) => {
            let none = serde_json::Map::new();
            let form = Form::of(writer.map_or(&none, |writer| &writer.config), Form::Compact);
            gathered(svc, run, form).await?
        }
    }))
}

/// AWS: without files, what children that failed came to isn't told, unless everything about them is asked for.
async fn gathered(svc: &StepFunctions, run: &MapRunId, form: Form) -> Result<Result<Value, Failed>, AwsError> {
    let (mut all, mut size, mut results) = (Vec::new(), 0, Results::new(svc, run));
    while let Some(came) = results.next().await? {
        if form != Form::None && !came.well() {
            continue;
        }
        for shown in form.shown(&came) {
            size += shown.to_string().len() + 1;
            all.push(shown);
        }
        if size > LARGEST {
            let what = "returned a result with a size exceeding the maximum number of bytes service limit.";
            let cause = Some(format!("The state/task '{}' {what}", run.arn()));
            return Ok(Err(Failed { error: Some("States.DataLimitExceeded".to_owned()), cause }));
        }
    }
    Ok(Ok(Value::Array(all)))
}
