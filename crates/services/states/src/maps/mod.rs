//! Runs of distributed maps: an execution asks for one, and is told what came of it.
//!
//! A run is a row that is moved on by whatever happens: it was begun, a child has ended, its settings were changed. Each of
//! these is a delivery, which [`pump`] carries out: it counts what ended, reads a few items more and makes children of them,
//! for as long as there are fewer than may be at once. Each turn is one transaction, so that what dies in between goes on
//! where it was; no item is left out, and none gets two children. Items are never all in memory, nor all in rows.
//!
//! A redrive goes on with the run: children that didn't succeed run again before others are begun. Those of `EXPRESS` kind leave
//! no history and nowhere to go on from: they are begun anew, and are never stopped, as AWS does it.

mod batch;
mod child;
mod desk;
mod export;
mod feed;
mod finish;
mod list;
mod pending;
mod pump;
mod read;
mod redrive;
mod results;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use updraft_asl::definition::{Definition, Map};
use updraft_asl::run::{MapRun as Asked, Plan, Source};
use updraft_kernel::AwsError;
use updraft_store::{StoreExt, Tx};

use crate::StepFunctions;
use crate::keys::{ChildOfKey, EndedKey, MapRunKey, PlanKey, RunOfKey};
use crate::model::execution::Execution;
use crate::model::map_run::{Counts, Cursor, Ended, MapRun, PlanRow};
use crate::model::name::{ExecutionId, MapRunId};
use crate::run::work::{self, Work};
use crate::table;

pub(crate) use desk::Desks;
pub(crate) use list::{children, describe_child};
pub(crate) use pump::pump;
pub(crate) use redrive::redrive;

/// What is to be done in a run, as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// Of the state machine's definitions.
    pub(crate) revision: u64,
    /// Names of the maps, from the state machine's to this one.
    pub(crate) path: Vec<String>,
    pub(crate) plan: Plan,
}

impl Kept {
    pub(crate) async fn read(tx: &mut Tx, run: &MapRunId) -> Result<Self, AwsError> {
        let PlanRow(text) =
            tx.row(&PlanKey(run)).await?.ok_or_else(|| AwsError::internal("a map run's plan isn't there"))?;
        serde_json::from_str(&text).map_err(AwsError::internal)
    }
}

/// Names of the maps whose processor the execution executes, each within the one before; none for a state machine's own.
pub(crate) async fn path(tx: &mut Tx, id: &ExecutionId) -> Result<Vec<String>, AwsError> {
    if !id.machine.is_of_a_map() {
        return Ok(Vec::new());
    }
    let child = tx.row(&ChildOfKey(id)).await?;
    Ok(child.ok_or_else(|| AwsError::internal("a child of no map run"))?.path)
}

/// The definition that the run's map stands in.
async fn definition(svc: &StepFunctions, run: &MapRunId, kept: &Kept) -> Result<Arc<Definition>, AwsError> {
    let (machine, mut path) = (run.machine().root(), kept.path.clone());
    path.pop();
    let mut tx = svc.parts.store.read().await?;
    let revision = table::revision(&mut tx, &machine, kept.revision).await?;
    svc.definitions.within((&machine, kept.revision), &revision, &path)
}

/// The run's map within its definition.
fn map_of<'a>(definition: &'a Definition, kept: &Kept) -> Result<&'a Map, AwsError> {
    definition.map(&kept.plan.state).ok_or_else(|| AwsError::internal("a map isn't there"))
}

/// An execution asks for a run.
pub(crate) async fn begin(
    svc: &StepFunctions,
    tx: &mut Tx,
    (id, execution): (&ExecutionId, &Execution),
    asked: Asked,
) -> Result<(), AwsError> {
    let run = MapRunId::beside(id, &asked.arn)?;
    let mut path = path(tx, id).await?;
    path.push(asked.plan.state.clone());
    let started = svc.parts.clock.now();
    let row = MapRun {
        parent: id.clone(),
        turn: asked.turn,
        started,
        ended: None,
        concurrency: asked.plan.concurrency,
        tolerated_count: asked.plan.tolerated.0,
        tolerated_percentage: asked.plan.tolerated.1,
        cursor: Some(Cursor::default()),
        executions: Counts::default(),
        items: Counts::default(),
        stopping: None,
        redriven: None,
    };
    let kept = Kept { revision: execution.revision, path, plan: asked.plan };
    let text = serde_json::to_string(&kept).map_err(AwsError::internal)?;
    tx.put_row(&MapRunKey(&run), &row)?;
    tx.put_row(&PlanKey(&run), &PlanRow(text))?;
    tx.put_row(&RunOfKey(id, started, &run), &run)?;
    goes_on(svc, tx, &run, "begun").await
}

/// Items that no child has yet, as far as is known: what is read isn't counted beforehand.
pub(crate) async fn waiting(tx: &mut Tx, run: &MapRunId, row: &MapRun) -> Result<u64, AwsError> {
    let (Some(cursor), Source::Items(items)) = (&row.cursor, Kept::read(tx, run).await?.plan.source) else {
        return Ok(0);
    };
    Ok(items.len() as u64 - cursor.index.min(items.len() as u64))
}

/// The execution goes on without it, or has ended.
pub(crate) async fn stop(svc: &StepFunctions, tx: &mut Tx, id: &ExecutionId, arn: &str) -> Result<(), AwsError> {
    let run = MapRunId::beside(id, arn)?;
    let Some(mut row) = tx.row(&MapRunKey(&run)).await?.filter(|row| row.ended.is_none()) else { return Ok(()) };
    row.stop();
    tx.put_row(&MapRunKey(&run), &row)?;
    goes_on(svc, tx, &run, "stopped").await
}

/// Something has changed by which it may go on. `why`: told apart by it.
pub(crate) async fn goes_on(svc: &StepFunctions, tx: &mut Tx, run: &MapRunId, why: &str) -> Result<(), AwsError> {
    work::enqueue(svc, tx, format!("states/{}/{why}", run.arn()), &Work::MapRun(run.clone())).await
}

/// A child of a run has ended, which is told to the run.
pub(crate) async fn child_ended(
    svc: &StepFunctions,
    tx: &mut Tx,
    (id, execution): (&ExecutionId, &Execution),
) -> Result<(), AwsError> {
    if !id.machine.is_of_a_map() {
        return Ok(());
    }
    let (Some(child), Some(end)) = (tx.row(&ChildOfKey(id)).await?, &execution.end) else { return Ok(()) };
    let ended = Ended { how: end.how, items: child.items };
    tx.put_row(&EndedKey(&child.run, child.index), &ended)?;
    goes_on(svc, tx, &child.run, &format!("{}", child.index)).await
}
