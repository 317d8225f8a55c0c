//! `DescribePipe`.

use updraft_api_pipes::types::{DescribePipeInput, DescribePipeOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::{Pipes, table, view};

pub(crate) async fn describe_pipe(
    svc: &Pipes,
    cx: &Ctx,
    input: DescribePipeInput,
) -> Result<DescribePipeOutput, AwsError> {
    let mut tx = svc.parts.store.read().await?;
    let pipe = table::pipe(&mut tx, cx, &input.name).await?;
    view::described(cx, &input.name, &pipe)
}
