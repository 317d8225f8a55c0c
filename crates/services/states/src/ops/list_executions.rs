//! `ListExecutions`: the last that was started comes first.

use updraft_api_states::types::{ExecutionListItem, ListExecutionsInput, ListExecutionsOutput};
use updraft_kernel::{AwsError, Ctx, UnixMillis};
use updraft_store::{Key, ScanOptions, StoreExt};

use crate::StepFunctions;
use crate::errors::{invalid_arn, invalid_token, type_not_supported};
use crate::keys::{ByStartKey, OriginKey, started};
use crate::maps;
use crate::model::name::{ExecutionId, MachineId, Qualifier};
use crate::model::paging::{limit, read_token, token};
use crate::model::version::Origin;
use crate::table;

/// Rows that are looked at at once.
const PORTION: usize = 200;

pub(crate) async fn list_executions(
    svc: &StepFunctions,
    cx: &Ctx,
    input: ListExecutionsInput,
) -> Result<ListExecutionsOutput, AwsError> {
    if let Some(arn) = &input.map_run_arn {
        return maps::children(svc, cx, (arn, &input)).await;
    }
    let arn = input.state_machine_arn.ok_or_else(|| invalid_arn(""))?;
    let ((id, of), limit) = (MachineId::of_any(cx, &arn)?, limit(input.max_results));
    let mut tx = svc.parts.store.read().await?;
    if table::machine(&mut tx, &id).await?.express {
        return Err(type_not_supported());
    }
    let mut range = ByStartKey::of_machine(&id);
    if let Some(given) = input.next_token {
        range = range.after(&read_last(&id, &read_token(&given)?)?);
    }
    let (mut executions, mut last) = (Vec::new(), String::new());
    loop {
        let page = tx.rows::<ByStartKey<'_>>(range.clone(), ScanOptions::limit(PORTION)).await?;
        for (key, _) in &page.rows {
            let (back, name) = started(key)?;
            let execution_id = ExecutionId { machine: id.clone(), name };
            let execution = table::execution(&mut tx, &execution_id).await?;
            if input.status_filter.as_ref().is_some_and(|wanted| *wanted != execution.status()) {
                continue;
            }
            let redrives = table::redrives(&mut tx, &execution_id).await?;
            if input.redrive_filter.as_ref().is_some_and(|wanted| *wanted != redrives.kind()) {
                continue;
            }
            let origin = tx.row(&OriginKey(&execution_id)).await?;
            if !started_by(&of, origin.as_ref()) {
                continue;
            }
            if executions.len() == limit {
                return Ok(ListExecutionsOutput { executions, next_token: Some(token(&last)) });
            }
            last = format!("{back}/{}", execution_id.name);
            executions.push(ExecutionListItem {
                state_machine_version_arn: origin.as_ref().map(|origin| origin.version_arn(&id)),
                state_machine_alias_arn: origin.and_then(|origin| origin.alias_arn(&id)),
                ..execution.listed(&execution_id, &redrives)
            });
        }
        match page.resume() {
            Some(end) => range = range.after(end),
            None => return Ok(ListExecutionsOutput { executions, next_token: None }),
        }
    }
}

/// Whether an execution is one of those that are asked for.
fn started_by(of: &Qualifier, origin: Option<&Origin>) -> bool {
    match of {
        Qualifier::None => true,
        Qualifier::Version(number) => origin.is_some_and(|origin| origin.version == *number),
        Qualifier::Alias(name) => origin.is_some_and(|origin| origin.alias.as_ref() == Some(name)),
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
