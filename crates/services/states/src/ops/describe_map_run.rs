//! `DescribeMapRun`.

use updraft_api_states::types::{DescribeMapRunInput, DescribeMapRunOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::StepFunctions;
use crate::maps;
use crate::model::name::MapRunId;
use crate::table;

pub(crate) async fn describe_map_run(
    svc: &StepFunctions,
    cx: &Ctx,
    input: DescribeMapRunInput,
) -> Result<DescribeMapRunOutput, AwsError> {
    let id = MapRunId::of_arn(cx, &input.map_run_arn)?;
    let mut tx = svc.parts.store.read().await?;
    let run = table::map_run(&mut tx, &id).await?;
    let waiting = maps::waiting(&mut tx, &id, &run).await?;
    Ok(run.described(&id, waiting))
}
