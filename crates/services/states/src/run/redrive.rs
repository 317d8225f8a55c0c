//! An execution that has ended goes on.

use updraft_asl::run::Signal;
use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::Tx;

use super::{rows, status, step, timers};
use crate::StepFunctions;
use crate::errors::not_redrivable;
use crate::keys::{RedrivesKey, RevisionKey};
use crate::model::name::ExecutionId;
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
    let mut execution = table::execution(tx, id).await?;
    let (kept, now) = (table::redrives(tx, id).await?, svc.parts.clock.now());
    if let Some(before) = token.as_deref().and_then(|token| kept.by_token(token, now)) {
        return Ok(before);
    }
    if let Some(why) = table::refusal(tx, id, &execution, now).await? {
        return Err(not_redrivable(why));
    }
    tx.put_row(&RedrivesKey(id), &kept.again(token, now))?;
    execution.end = None;
    if let Some(revision) = tx.row(&RevisionKey(&id.machine, execution.revision)).await? {
        // AWS: the time of the whole begins anew.
        let definition = svc.definitions.get(&id.machine, execution.revision, &revision)?;
        if let Some(seconds) = definition.timeout {
            timers::overdue(svc, tx, id, now, seconds).await?;
        }
    }
    status::enqueue(svc, tx, id, None).await?;
    svc.seats.disturb(id);
    let run = rows::load(tx, id, &execution).await?;
    step::take(svc, tx, id, (execution, run), Signal::Redrive).await?;
    Ok(now)
}
