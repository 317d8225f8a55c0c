//! `ListExecutions`: the last that was started comes first.

use updraft_api_states::types::{ListExecutionsInput, ListExecutionsOutput};
use updraft_kernel::{AwsError, Ctx, UnixMillis};
use updraft_store::{Key, ScanOptions, StoreExt};

use crate::StepFunctions;
use crate::errors::{invalid_arn, invalid_token};
use crate::keys::{ByStartKey, started};
use crate::model::name::{ExecutionId, MachineId};
use crate::model::paging::{limit, read_token, token};
use crate::table;

/// Rows that are looked at at once.
const PORTION: usize = 200;

pub(crate) async fn list_executions(
    svc: &StepFunctions,
    cx: &Ctx,
    input: ListExecutionsInput,
) -> Result<ListExecutionsOutput, AwsError> {
    // Distributed maps have no runs of their own yet.
    let arn = input.state_machine_arn.ok_or_else(|| invalid_arn(input.map_run_arn.as_deref().unwrap_or_default()))?;
    let (id, limit) = (MachineId::of_arn(cx, &arn)?, limit(input.max_results));
    let mut tx = svc.parts.store.read().await?;
    table::machine(&mut tx, &id).await?;
    let mut range = ByStartKey::of_machine(&id);
    if let Some(given) = input.next_token {
        range = range.after(&read_last(&id, &read_token(&given)?)?);
    }
    let (mut executions, mut last) = (Vec::new(), String::new());
    loop {
        let page = tx.rows::<ByStartKey<'_>>(range.clone(), ScanOptions::limit(PORTION)).await?;
        for (key, _) in &page.rows {
            let (back, name) = started(key)?;
            let of = ExecutionId { machine: id.clone(), name };
            let execution = table::execution(&mut tx, &of).await?;
            if input.status_filter.as_ref().is_some_and(|wanted| *wanted != execution.status()) {
                continue;
            }
            let redrives = table::redrives(&mut tx, &of).await?;
            if input.redrive_filter.as_ref().is_some_and(|wanted| *wanted != redrives.kind()) {
                continue;
            }
            if executions.len() == limit {
                return Ok(ListExecutionsOutput { executions, next_token: Some(token(&last)) });
            }
            last = format!("{back}/{}", of.name);
            executions.push(execution.listed(&of, &redrives));
        }
        match page.resume() {
            Some(end) => range = range.after(end),
            None => return Ok(ListExecutionsOutput { executions, next_token: None }),
        }
    }
}

/// The key at which a page ended.
fn read_last(machine: &MachineId, last: &str) -> Result<bytes::Bytes, AwsError> {
    let (back, name) = last.split_once('/').ok_or_else(invalid_token)?;
    let back: u64 = back.parse().map_err(|_| invalid_token())?;
    let at = i64::try_from(u64::MAX - back).map_err(|_| invalid_token())?;
    let id = ExecutionId { machine: machine.clone(), name: name.to_owned() };
    Ok(ByStartKey(&id, UnixMillis(at)).encode())
}
