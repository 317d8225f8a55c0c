//! Children are begun.

use updraft_asl::run::{Head, Run, Signal};
use updraft_kernel::{AwsError, RngExt};
use updraft_store::Tx;

use super::Kept;
use super::batch::Batch;
use crate::StepFunctions;
use crate::keys::{ChildKey, ChildOfKey, OfRunKey, Started};
use crate::model::execution::Execution;
use crate::model::map_run::{Child, ChildOf};
use crate::model::name::{ExecutionId, MapRunId};
use crate::run::begin::longest;
use crate::run::{take, timers};

/// Makes the `index`-th child and takes its first step.
pub(super) async fn begin(
    svc: &StepFunctions,
    tx: &mut Tx,
    (run, kept): (&MapRunId, &Kept),
    index: u64,
    batch: &Batch,
) -> Result<(), AwsError> {
    let (name, started, items) = (svc.parts.rng.uuid(), svc.parts.clock.now(), batch.items);
    let id = match kept.plan.express {
        true => ExecutionId::express(run.machine().clone(), &name, &svc.parts.rng.uuid())?,
        false => ExecutionId { machine: run.machine().clone(), name },
    };
    tx.put_row(&ChildKey(run, index), &Child { name: id.name.clone(), items })?;
    tx.put_row(&ChildOfKey(&id), &ChildOf { run: run.clone(), index, items, path: kept.path.clone() })?;
    tx.put_row(&OfRunKey(run, started, &id.name), &Started)?;
    first_step(svc, tx, &id, (kept.revision, batch.input.to_string())).await
}

/// What is Express is begun anew by the same name.
pub(super) async fn first_step(
    svc: &StepFunctions,
    tx: &mut Tx,
    id: &ExecutionId,
    (revision, input): (u64, String),
) -> Result<(), AwsError> {
    let started = svc.parts.clock.now();
    let (head, trace, end, waiter) = (Head::default(), None, None, None);
    let execution = Execution { revision, input: input.clone(), trace, started, head, end, waiter, redriven: false };
    if let Some(seconds) = longest(None, id.is_express()) {
        timers::overdue(svc, tx, id, started, seconds).await?;
    }
    take(svc, tx, id, (execution, Run::default()), Signal::Start(input)).await?;
    Ok(())
}
