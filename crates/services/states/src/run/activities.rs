//! Tasks of activities: they wait in a queue of the activity until a worker takes them.

use std::collections::BTreeSet;

use updraft_asl::definition::Definition;
use updraft_asl::run::{Call, Signal, Turn};
use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::{ScanOptions, Tx};

use super::step;
use crate::StepFunctions;
use crate::keys::{ActivityKey, Asked, AskedKey, Wanted, WantedKey, asked};
use crate::model::name::{ActivityId, ExecutionId};

/// Which of those that the definition names aren't there.
pub(super) async fn missing(
    tx: &mut Tx,
    id: &ExecutionId,
    definition: &Definition,
) -> Result<BTreeSet<String>, AwsError> {
    let mut missing = BTreeSet::new();
    for arn in &definition.activities {
        let there = match ActivityId::beside(&id.machine, arn) {
            Some(activity) => tx.row(&ActivityKey(&activity)).await?.is_some(),
            None => false,
        };
        if !there {
            missing.insert(arn.clone());
        }
    }
    Ok(missing)
}

/// The task waits for a worker from now on.
pub(super) fn ask(tx: &mut Tx, id: &ExecutionId, call: &Call, arn: &str, now: UnixMillis) -> Result<(), AwsError> {
    let (Some(activity), Some(token)) = (ActivityId::beside(&id.machine, arn), call.token.clone()) else {
        return Err(AwsError::internal("an activity's task without an activity or a token"));
    };
    let input = call.arguments.to_string();
    let key = AskedKey { activity: &activity, since: now, token: &token };
    tx.put_row(&key, &Asked { execution: id.clone(), turn: call.turn, token: token.clone(), input })?;
    tx.touch(asked(&activity));
    tx.put_row(&WantedKey(id, call.turn), &Wanted { activity, since: now, token })?;
    Ok(())
}

/// Nobody needs to take it anymore, if nobody has.
pub(super) async fn withdraw(tx: &mut Tx, id: &ExecutionId, turn: Turn) -> Result<(), AwsError> {
    let Some(wanted) = tx.row(&WantedKey(id, turn)).await? else { return Ok(()) };
    tx.delete_row(&AskedKey { activity: &wanted.activity, since: wanted.since, token: &wanted.token });
    tx.delete_row(&WantedKey(id, turn));
    Ok(())
}

/// The task that has waited longest, for this worker alone.
pub(crate) async fn take(
    svc: &StepFunctions,
    activity: &ActivityId,
    worker: Option<&String>,
) -> Result<Option<Asked>, AwsError> {
    loop {
        match updraft_store::run(&*svc.parts.store, |tx| first(svc, tx, activity, worker)).await? {
            Some((task, true)) => return Ok(Some(task)),
            // Its execution is gone: the next one.
            Some((_, false)) => {}
            None => return Ok(None),
        }
    }
}

/// Whether its execution knows of it, too.
async fn first(
    svc: &StepFunctions,
    mut tx: Tx,
    activity: &ActivityId,
    worker: Option<&String>,
) -> Result<Option<(Asked, bool)>, AwsError> {
    let page = tx.rows::<AskedKey<'_>>(AskedKey::of_activity(activity), ScanOptions::limit(1)).await?;
    let Some((_, task)) = page.rows.into_iter().next() else { return Ok(None) };
    withdraw(&mut tx, &task.execution, task.turn).await?;
    let taken = step(svc, &mut tx, &task.execution, Signal::Taken(task.turn, worker.cloned())).await?;
    tx.commit().await?;
    Ok(Some((task, taken)))
}
