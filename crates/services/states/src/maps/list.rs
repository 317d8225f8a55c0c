//! `ListExecutions` of a run's children: the last that was started comes first.

use updraft_api_states::types::{
    DescribeExecutionOutput, ExecutionRedriveStatus, ExecutionStatus, ListExecutionsInput, ListExecutionsOutput,
};
use updraft_kernel::{AwsError, Ctx, UnixMillis};
use updraft_store::{Key, ScanOptions, StoreExt, Tx};

use crate::StepFunctions;
use crate::errors::invalid_token;
use crate::keys::{ChildOfKey, OfRunKey, started_of_run};
use crate::model::map_run::{ChildOf, MapRun};
use crate::model::name::{ExecutionId, MapRunId};
use crate::model::paging::{limit, read_token, token};
use crate::table;

/// Rows that are looked at at once.
const PORTION: usize = 200;

pub(crate) async fn children(
    svc: &StepFunctions,
    cx: &Ctx,
    (arn, input): (&str, &ListExecutionsInput),
) -> Result<ListExecutionsOutput, AwsError> {
    let (run, limit) = (MapRunId::of_arn(cx, arn)?, limit(input.max_results));
    let mut tx = svc.parts.store.read().await?;
    let row = table::map_run(&mut tx, &run).await?;
    let mut range = OfRunKey::of_run(&run);
    if let Some(given) = &input.next_token {
        range = range.after(&read_last(&run, &read_token(given)?)?);
    }
    let (mut executions, mut last) = (Vec::new(), String::new());
    loop {
        let page = tx.rows::<OfRunKey<'_>>(range.clone(), ScanOptions::limit(PORTION)).await?;
        for (key, _) in &page.rows {
            let (at, name) = started_of_run(key)?;
            let id = ExecutionId { machine: run.machine().clone(), name };
            let execution = table::execution(&mut tx, &id).await?;
            let child = tx.row(&ChildOfKey(&id)).await?;
            let status = status(&row, child.as_ref(), execution.status());
            if input.status_filter.as_ref().is_some_and(|wanted| *wanted != status) {
                continue;
            }
            let redrives = table::redrives(&mut tx, &id).await?;
            if input.redrive_filter.as_ref().is_some_and(|wanted| *wanted != redrives.kind()) {
                continue;
            }
            if executions.len() == limit {
                return Ok(ListExecutionsOutput { executions, next_token: Some(token(&last)) });
            }
            last = format!("{}/{}", at.0, id.name);
            let items = child.map(|child| child.items);
            let mut listed = execution.listed(&id, &redrives);
            listed.status = status;
            listed.map_run_arn = Some(run.arn().to_string());
            listed.item_count = items.and_then(|items| i32::try_from(items).ok());
            executions.push(listed);
        }
        match page.resume() {
            Some(end) => range = range.after(end),
            None => return Ok(ListExecutionsOutput { executions, next_token: None }),
        }
    }
}

/// A child that didn't succeed may wait to be redriven.
fn status(run: &MapRun, child: Option<&ChildOf>, status: ExecutionStatus) -> ExecutionStatus {
    let ended_badly = !matches!(status, ExecutionStatus::Running | ExecutionStatus::Succeeded);
    match child.filter(|child| ended_badly && run.awaits(child.index)) {
        Some(_) => ExecutionStatus::PendingRedrive,
        None => status,
    }
}

/// What descriptions of children tell of their run.
pub(crate) async fn describe_child(
    tx: &mut Tx,
    id: &ExecutionId,
    described: &mut DescribeExecutionOutput,
) -> Result<(), AwsError> {
    let Some(child) = tx.row(&ChildOfKey(id)).await? else { return Ok(()) };
    let run = table::map_run(tx, &child.run).await?;
    described.status = status(&run, Some(&child), described.status.clone());
    described.map_run_arn = Some(child.run.arn().to_string());
    if described.redrive_status == Some(ExecutionRedriveStatus::Redrivable) {
        described.redrive_status = Some(ExecutionRedriveStatus::RedrivableByMapRun);
    }
    Ok(())
}

/// The key at which a page ended.
fn read_last(run: &MapRunId, last: &str) -> Result<bytes::Bytes, AwsError> {
    let (at, name) = last.split_once('/').ok_or_else(invalid_token)?;
    let at = at.parse().map_err(|_| invalid_token())?;
    Ok(OfRunKey(run, UnixMillis(at), name).encode())
}
