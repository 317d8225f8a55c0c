//! `ListMapRuns`: the last that was started comes first.

use updraft_api_states::types::{ListMapRunsInput, ListMapRunsOutput};
use updraft_kernel::{AwsError, Ctx, UnixMillis};
use updraft_store::{Key, ScanOptions, StoreExt};

use crate::StepFunctions;
use crate::errors::invalid_token;
use crate::keys::RunOfKey;
use crate::model::name::{ExecutionId, MapRunId};
use crate::model::paging::{limit, read_token, token};
use crate::table;

pub(crate) async fn list_map_runs(
    svc: &StepFunctions,
    cx: &Ctx,
    input: ListMapRunsInput,
) -> Result<ListMapRunsOutput, AwsError> {
    let id = ExecutionId::of_arn(cx, &input.execution_arn)?;
    let mut tx = svc.parts.store.read().await?;
    table::execution(&mut tx, &id).await?;
    let mut range = RunOfKey::of_execution(&id);
    if let Some(given) = input.next_token {
        range = range.after(&read_last(cx, &id, &read_token(&given)?)?);
    }
    let page = tx.rows::<RunOfKey<'_>>(range, ScanOptions::limit(limit(input.max_results))).await?;
    let (mut map_runs, mut last) = (Vec::with_capacity(page.rows.len()), String::new());
    for (_, run) in &page.rows {
        let row = table::map_run(&mut tx, run).await?;
        last = format!("{}/{}", row.started.0, run.arn());
        map_runs.push(row.listed(run));
    }
    let next_token = page.more.then(|| token(&last));
    Ok(ListMapRunsOutput { map_runs, next_token })
}

/// The key at which a page ended.
fn read_last(cx: &Ctx, id: &ExecutionId, last: &str) -> Result<bytes::Bytes, AwsError> {
    let (at, arn) = last.split_once('/').ok_or_else(invalid_token)?;
    let at = UnixMillis(at.parse().map_err(|_| invalid_token())?);
    let run = MapRunId::of_arn(cx, arn).map_err(|_| invalid_token())?;
    Ok(RunOfKey(id, at, &run).encode())
}
