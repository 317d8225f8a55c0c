//! An execution that has ended goes on.

use updraft_asl::run::Signal;
use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::Tx;

use super::{rows, status, step, timers};
use crate::StepFunctions;
use crate::errors::not_redrivable;
use crate::keys::RedrivesKey;
use crate::model::execution::Execution;
use crate::model::name::ExecutionId;
use crate::model::redrives::{self, Redrives};
use crate::table;

/// Answers when it was redriven: now, or by the same token before.
///
/// # Errors
/// If it isn't there or can't be redriven.
pub(crate) async fn redrive(
    svc: &StepFunctions,
    tx: &mut Tx,
    id: &ExecutionId,
    token: Option<String>,
) -> Result<UnixMillis, AwsError> {
    let execution = table::execution(tx, id).await?;
    if id.machine.is_of_a_map() {
        return Err(not_redrivable(redrives::OF_A_MAP.to_owned()));
    }
    let (kept, now) = (table::redrives(tx, id).await?, svc.parts.clock.now());
    if let Some(before) = token.as_deref().and_then(|token| kept.by_token(token, now)) {
        return Ok(before);
    }
    if let Some(why) = table::refusal(tx, id, &execution, now).await? {
        return Err(not_redrivable(why));
    }
    go_on(svc, tx, id, (execution, kept.again(token, now))).await?;
    Ok(now)
}

/// From where it stood. `redrives`: with this one.
pub(crate) async fn go_on(
    svc: &StepFunctions,
    tx: &mut Tx,
    id: &ExecutionId,
    (mut execution, redrives): (Execution, Redrives),
) -> Result<(), AwsError> {
    tx.put_row(&RedrivesKey(id), &redrives)?;
    (execution.end, execution.redriven) = (None, true);
    timers::not_settled(svc, tx, id).await?;
    // Of a map's children, the run is what is told of, and only the whole has a time.
    if !id.machine.is_of_a_map() {
        let revision = table::revision(tx, &id.machine, execution.revision).await?;
        // AWS: the time of the whole begins anew.
        let definition = svc.definitions.get(&id.machine, execution.revision, &revision)?;
        if let Some(seconds) = definition.timeout {
            timers::overdue(svc, tx, id, svc.parts.clock.now(), seconds).await?;
        }
        status::enqueue(svc, tx, id, None).await?;
    }
    svc.seats.disturb(id);
    let run = rows::load(tx, id, &execution).await?;
    step::take(svc, tx, id, (execution, run), Signal::Redrive).await?;
    Ok(())
}
