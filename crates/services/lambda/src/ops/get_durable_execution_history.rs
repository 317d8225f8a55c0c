//! `GetDurableExecutionHistory`.

use updraft_api_lambda::types::{GetDurableExecutionHistoryInput, GetDurableExecutionHistoryOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Lambda;
use crate::durable::{Work, history, paging};

pub(crate) async fn get_durable_execution_history(
    svc: &Lambda,
    cx: &Ctx,
    input: GetDurableExecutionHistoryInput,
) -> Result<GetDurableExecutionHistoryOutput, AwsError> {
    let mut tx = svc.store.read().await?;
    let work = Work::of_arn(svc, cx, &mut tx, &input.durable_execution_arn).await?;
    let from = input.marker.as_deref().map(|marker| paging::read_marker(work.now, marker)).transpose()?;
    let asked = history::Asked {
        from,
        latest_first: input.reverse_order.unwrap_or(false),
        data: input.include_execution_data.unwrap_or(true),
        limit: paging::page_size(input.max_items),
    };
    let (events, next) = history::page(work.tx, (&work.id, &work.row), &asked).await?;
    Ok(GetDurableExecutionHistoryOutput { events, next_marker: next.map(|number| paging::marker(work.now, number)) })
}
