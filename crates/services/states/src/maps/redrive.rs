//! A run goes on: what didn't succeed runs again.

use updraft_asl::run::Turn;
use updraft_kernel::AwsError;
use updraft_store::{ScanOptions, StoreExt, Tx};

use super::child;
use super::pump::{MOST, Next, at_once};
use crate::StepFunctions;
use crate::keys::{ChildKey, MapRunKey, number};
use crate::model::execution::{Execution, How};
use crate::model::map_run::{Child, MapRun};
use crate::model::name::{ExecutionId, MapRunId};
use crate::run::redrive;
use crate::table;

/// So many children are looked at in one transaction.
const PORTION: usize = 200;

/// An execution that is redriven goes on with its run.
pub(crate) async fn redrive(
    svc: &StepFunctions,
    tx: &mut Tx,
    (id, turn): (&ExecutionId, Turn),
    arn: &str,
) -> Result<(), AwsError> {
    let run = MapRunId::beside(id, arn)?;
    let mut row = table::map_run(tx, &run).await?;
    row.redrive(turn, svc.parts.clock.now());
    let why = format!("redriven-{}", row.redriven.as_ref().map_or(0, |redriven| redriven.count));
    tx.put_row(&MapRunKey(&run), &row)?;
    super::goes_on(svc, tx, &run, &why).await
}

/// Looks at a few children more. Of a run that is stopped they stay as they were.
pub(super) async fn children(svc: &StepFunctions, run: &MapRunId, seen: &MapRun) -> Result<Next, AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let Some(mut row) = tx.row(&MapRunKey(run)).await?.filter(|row| row == seen) else { return Ok(Next::Another) };
    let Some(from) = row.to_redrive() else { return Ok(Next::Another) };
    let range = match from.checked_sub(1) {
        Some(before) => ChildKey::of_run(run).after(&updraft_store::Key::encode(&ChildKey(run, before))),
        None => ChildKey::of_run(run),
    };
    let page = tx.rows::<ChildKey<'_>>(range, ScanOptions::limit(PORTION)).await?;
    let mut room = MOST.min(at_once(&row).saturating_sub(row.running()));
    let mut next = page.resume().map(|end| number(end)).transpose()?.map(|last| last + 1);
    for (key, child) in page.rows {
        if room == 0 && row.stopping.is_none() {
            next = Some(number(&key)?);
            break;
        }
        if look_at(svc, &mut tx, (run, &mut row), child).await? {
            room -= 1;
        }
    }
    if let Some(redriven) = &mut row.redriven {
        redriven.next = next;
    }
    tx.put_row(&MapRunKey(run), &row)?;
    tx.commit().await?;
    Ok(Next::Another)
}

/// Whether the child runs again.
async fn look_at(
    svc: &StepFunctions,
    tx: &mut Tx,
    (run, row): (&MapRunId, &mut MapRun),
    child: Child,
) -> Result<bool, AwsError> {
    let id = ExecutionId { machine: run.machine().clone(), name: child.name };
    let execution = table::execution(tx, &id).await?;
    let how = execution.end.as_ref().map(|end| end.how).filter(|how| *how != How::Succeeded);
    let Some(how) = how else { return Ok(false) };
    if row.stopping.is_some() {
        row.looked_at(child.items, Some((how, false)));
        return Ok(false);
    }
    if table::refusal(tx, &id, &execution, svc.parts.clock.now()).await?.is_some() {
        row.looked_at(child.items, Some((how, true)));
        return Ok(false);
    }
    again(svc, tx, &id, execution).await?;
    row.looked_at(child.items, None);
    Ok(true)
}

async fn again(svc: &StepFunctions, tx: &mut Tx, id: &ExecutionId, execution: Execution) -> Result<(), AwsError> {
    if id.is_express() {
        return child::first_step(svc, tx, id, (execution.revision, execution.input)).await;
    }
    let kept = table::redrives(tx, id).await?;
    redrive::go_on(svc, tx, id, (execution, kept.again(None, svc.parts.clock.now()))).await
}
