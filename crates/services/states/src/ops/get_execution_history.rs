//! `GetExecutionHistory`.

use updraft_api_states::types::{GetExecutionHistoryInput, GetExecutionHistoryOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{Key, ScanOptions, StoreExt};

use crate::StepFunctions;
use crate::errors::invalid_token;
use crate::keys::{EventKey, number};
use crate::model::name::ExecutionId;
use crate::model::paging::{limit, read_token, token};
use crate::table;

pub(crate) async fn get_execution_history(
    svc: &StepFunctions,
    cx: &Ctx,
    input: GetExecutionHistoryInput,
) -> Result<GetExecutionHistoryOutput, AwsError> {
    let id = ExecutionId::of_arn(cx, &input.execution_arn)?;
    let (limit, back) = (limit(input.max_results), input.reverse_order.unwrap_or(false));
    let data = input.include_execution_data.unwrap_or(true);
    let mut tx = svc.parts.store.read().await?;
    table::execution(&mut tx, &id).await?;
    let mut range = EventKey::of_execution(&id);
    if let Some(given) = input.next_token {
        let last: u64 = read_token(&given)?.parse().map_err(|_| invalid_token())?;
        let last = EventKey(&id, last).encode();
        range = if back { range.before(last) } else { range.after(&last) };
    }
    let mut options = ScanOptions::limit(limit);
    options.reverse = back;
    let page = tx.rows::<EventKey<'_>>(range, options).await?;
    let (mut events, mut last) = (Vec::with_capacity(page.rows.len()), 0);
    for (key, row) in &page.rows {
        last = number(key)?;
        events.push(row.shown(last, data)?);
    }
    let next_token = page.more.then(|| token(&last.to_string()));
    Ok(GetExecutionHistoryOutput { events, next_token })
}
