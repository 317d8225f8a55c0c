//! Typed reads and writes over a transaction.

mod versions;

use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::{ScanOptions, Tx};

use crate::errors::{no_such_activity, no_such_execution, no_such_machine, no_such_map_run};
use crate::keys::{ActivityKey, ExecutionKey, FrameKey, MachineKey, MapRunKey, RedrivesKey, RevisionKey};
use crate::model::activity::Activity;
use crate::model::execution::Execution;
use crate::model::machine::{Machine, Revision};
use crate::model::map_run::MapRun;
use crate::model::name::{ActivityId, ExecutionId, MachineId, MapRunId};
use crate::model::redrives::{self, Redrives};

pub(crate) use versions::{Chosen, MOST_ALIASES, aliases, chosen, first_revision, keep_origin, last_version, version};

pub(crate) async fn machine(tx: &mut Tx, id: &MachineId) -> Result<Machine, AwsError> {
    tx.row(&MachineKey(id)).await?.ok_or_else(|| no_such_machine(&id.arn().to_string()))
}

pub(crate) async fn revision(tx: &mut Tx, id: &MachineId, number: u64) -> Result<Revision, AwsError> {
    let found = tx.row(&RevisionKey(id, number)).await?;
    found.ok_or_else(|| AwsError::internal("a state machine's definition isn't there"))
}

pub(crate) async fn execution(tx: &mut Tx, id: &ExecutionId) -> Result<Execution, AwsError> {
    tx.row(&ExecutionKey(id)).await?.ok_or_else(|| no_such_execution(&id.arn().to_string()))
}

pub(crate) async fn activity(tx: &mut Tx, id: &ActivityId) -> Result<Activity, AwsError> {
    tx.row(&ActivityKey(id)).await?.ok_or_else(|| no_such_activity(&id.arn().to_string()))
}

pub(crate) async fn redrives(tx: &mut Tx, id: &ExecutionId) -> Result<Redrives, AwsError> {
    Ok(tx.row(&RedrivesKey(id)).await?.unwrap_or_default())
}

/// Why the execution can't be redriven at that time: a map's child by its run, others by themselves.
pub(crate) async fn refusal(
    tx: &mut Tx,
    id: &ExecutionId,
    execution: &Execution,
    now: UnixMillis,
) -> Result<Option<String>, AwsError> {
    // AWS: what is begun anew can be as often as there is a reason to.
    if id.is_express() {
        return Ok(redrives::not_unsuccessful(execution));
    }
    Ok(redrives::refusal(execution, stands(tx, id).await?, now))
}

/// Whether it is kept where the execution stands, or stood when it ended.
async fn stands(tx: &mut Tx, id: &ExecutionId) -> Result<bool, AwsError> {
    let first = tx.rows::<FrameKey<'_>>(FrameKey::of_execution(id), ScanOptions::limit(1)).await?;
    Ok(!first.rows.is_empty())
}

pub(crate) async fn map_run(tx: &mut Tx, id: &MapRunId) -> Result<MapRun, AwsError> {
    tx.row(&MapRunKey(id)).await?.ok_or_else(|| no_such_map_run(&id.arn().to_string()))
}
