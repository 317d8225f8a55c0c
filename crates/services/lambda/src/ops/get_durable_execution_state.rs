//! `GetDurableExecutionState`.

use updraft_api_lambda::types::{GetDurableExecutionStateInput, GetDurableExecutionStateOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Lambda;
use crate::durable::{Work, named, paging};

pub(crate) async fn get_durable_execution_state(
    svc: &Lambda,
    cx: &Ctx,
    input: GetDurableExecutionStateInput,
) -> Result<GetDurableExecutionStateOutput, AwsError> {
    let id = named(cx, &input.durable_execution_arn)?;
    let mut tx = svc.store.read().await?;
    let work = Work::of_token(svc, &mut tx, id, &input.durable_execution_arn).await?;
    work.check_token(&input.checkpoint_token)?;
    // The SDKs send no marker at all, or an empty one, for the first page.
    let marker = input.marker.as_deref().filter(|marker| !marker.is_empty());
    let from = marker.map_or(Ok(0), |marker| paging::read_marker(work.now, marker))?;
    let page = paging::page(work.tx, &work.id, &work.row, from, paging::page_size(input.max_items)).await?;
    Ok(GetDurableExecutionStateOutput {
        operations: page.operations,
        next_marker: page.next.map(|number| paging::marker(work.now, number)),
    })
}
