//! `UpdateMapRun`: of a run that isn't over.

use updraft_api_states::types::{UpdateMapRunInput, UpdateMapRunOutput};
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::StoreExt;

use crate::StepFunctions;
use crate::errors::map_run_is_over;
use crate::keys::MapRunKey;
use crate::maps;
use crate::model::name::MapRunId;
use crate::table;

pub(crate) async fn update_map_run(
    svc: &StepFunctions,
    cx: &Ctx,
    input: UpdateMapRunInput,
) -> Result<UpdateMapRunOutput, AwsError> {
    let id = MapRunId::of_arn(cx, &input.map_run_arn)?;
    let mut tx = svc.parts.store.write().await?;
    let mut run = table::map_run(&mut tx, &id).await?;
    if run.ended.is_some() {
        return Err(map_run_is_over(&input.map_run_arn));
    }
    if let Some(most) = input.max_concurrency.and_then(|most| u64::try_from(most).ok()) {
        run.concurrency = most;
    }
    if let Some(count) = input.tolerated_failure_count.and_then(|count| u64::try_from(count).ok()) {
        run.tolerated_count = count;
    }
    if let Some(share) = input.tolerated_failure_percentage {
        run.tolerated_percentage = share;
    }
    tx.put_row(&MapRunKey(&id), &run)?;
    maps::goes_on(svc, &mut tx, &id, &cx.rng.uuid()).await?;
    tx.commit().await?;
    Ok(UpdateMapRunOutput {})
}
