//! One signal, one transaction.

use updraft_asl::run::{Effect, Engine, Facts, Run, Signal, timestamp};
use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::{StoreExt, Tx};

use super::fits::fits;
use super::seats::Seat;
use super::{activities, effects, limit, logging, rows, timers};
use crate::StepFunctions;
use crate::keys::{ExecutionKey, RevisionKey};
use crate::maps;
use crate::model::execution::{Execution, LONGEST};
use crate::model::machine::Revision;
use crate::model::name::ExecutionId;
use crate::model::redrives::Redrives;
use crate::table;

/// So often is a step tried that another one was faster than.
const ATTEMPTS: u32 = 50;

/// Takes the signal in a transaction of its own. `false`: the execution has ended, or isn't there.
pub(crate) async fn signal(svc: &StepFunctions, id: &ExecutionId, signal: Signal) -> Result<bool, AwsError> {
    let seat = svc.seats.of(id);
    let taken = in_turn(svc, id, &seat, signal).await;
    svc.seats.leave(id, seat);
    taken
}

async fn in_turn(svc: &StepFunctions, id: &ExecutionId, seat: &Seat, signal: Signal) -> Result<bool, AwsError> {
    let mut kept = seat.turn.lock().await;
    let mut attempt = 0;
    loop {
        let mark = seat.mark();
        let mut tx = svc.parts.store.write().await?;
        let stepped = step_of(svc, &mut tx, id, (kept.take(mark), signal.clone())).await?;
        match tx.commit().await.map_err(AwsError::from) {
            Ok(_) => {
                return Ok(match stepped {
                    Stepped::Gone => false,
                    Stepped::Taken(run) => {
                        let run = run.filter(|_| !svc.parts.store.is_shared());
                        run.into_iter().for_each(|run| svc.seats.keep(seat, &mut kept, (mark, run)));
                        true
                    }
                });
            }
            Err(error) if error.is_conflict() && attempt < ATTEMPTS => attempt += 1,
            Err(error) => return Err(error),
        }
    }
}

/// The same within the caller's transaction.
pub(crate) async fn step(svc: &StepFunctions, tx: &mut Tx, id: &ExecutionId, signal: Signal) -> Result<bool, AwsError> {
    svc.seats.disturb(id);
    Ok(matches!(step_of(svc, tx, id, (None, signal)).await?, Stepped::Taken(_)))
}

/// What came of a signal.
enum Stepped {
    /// How the execution stands, if it goes on.
    Taken(Option<Run>),
    /// It had ended, or isn't there.
    Gone,
}

/// `kept`: the execution, where it is known.
async fn step_of(
    svc: &StepFunctions,
    tx: &mut Tx,
    id: &ExecutionId,
    (kept, signal): (Option<Run>, Signal),
) -> Result<Stepped, AwsError> {
    let Some(execution) = tx.row(&ExecutionKey(id)).await?.filter(|execution| execution.end.is_none()) else {
        return Ok(Stepped::Gone);
    };
    let run = match kept {
        Some(run) => run,
        None => rows::load(tx, id, &execution).await?,
    };
    Ok(Stepped::Taken(take(svc, tx, id, (execution, run), signal).await?))
}

/// The step itself, and everything that follows from it. Answers how the execution stands then, unless
/// it has ended.
pub(crate) async fn take(
    svc: &StepFunctions,
    tx: &mut Tx,
    id: &ExecutionId,
    (mut execution, mut run): (Execution, Run),
    signal: Signal,
) -> Result<Option<Run>, AwsError> {
    let machine = id.machine.root();
    let revision = tx.row(&RevisionKey(&machine, execution.revision)).await?;
    let revision = revision.ok_or_else(|| AwsError::internal("an execution's definition isn't there"))?;
    let path = maps::path(tx, id).await?;
    let definition = svc.definitions.within((&machine, execution.revision), &revision, &path)?;
    let missing_activities = activities::missing(tx, id, &definition).await?;
    let redrives = if execution.redriven { table::redrives(tx, id).await? } else { Redrives::default() };
    let (redriven, redrives) = (redrives.date().map(|at| timestamp(at.0)), redrives.count);
    let facts =
        Facts { missing_activities, redrives, redriven, fits: fits(svc), ..facts(id, execution.started, &revision) };
    let now = svc.parts.clock.now();
    let signal = if limit::is_over(&execution, now, &signal) { Signal::Overdue } else { signal };
    let (events, asked) = {
        let mut engine = Engine::new(&definition, &facts, &mut run, now.0, &*svc.parts.rng);
        engine.take(signal);
        engine.outcome()
    };
    logging::log(svc, tx, (id, execution.started, redrives), &revision, &events);
    let over = asked.iter().any(|effect| matches!(effect, Effect::Ended(_)));
    if !over && definition.timeout.is_none() && limit::may_be_reached(&execution, &asked) {
        timers::overdue(svc, tx, id, execution.started, LONGEST.as_secs()).await?;
    }
    if !(over && id.is_express()) {
        rows::save(tx, id, (&mut execution, &mut run), &events)?;
    }
    for effect in asked {
        if let Effect::Cancel(turn) = &effect
            && !definition.activities.is_empty()
        {
            activities::withdraw(tx, id, *turn).await?;
        }
        effects::ask(svc, tx, (id, &mut execution), effect).await?;
    }
    if over && id.is_express() {
        rows::forget(tx, id).await?;
        // A map's run tells of its children.
        if !id.machine.is_of_a_map() {
            return Ok(None);
        }
    }
    tx.put_row(&ExecutionKey(id), &execution)?;
    Ok(Some(run).filter(|_| !over))
}

/// What an execution's context object is made of.
pub(crate) fn facts(id: &ExecutionId, started: UnixMillis, revision: &Revision) -> Facts {
    Facts {
        execution: id.arn().to_string(),
        name: id.given().to_owned(),
        role: revision.role.clone(),
        started: timestamp(started.0),
        machine: id.machine.arn().to_string(),
        machine_name: id.machine.name.clone(),
        express: id.is_express(),
        region: id.machine.region.to_string(),
        ..Facts::default()
    }
}
