//! `DescribeApiDestination`.

use updraft_api_events::types::{DescribeApiDestinationInput, DescribeApiDestinationOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::EventBridge;
use crate::connections::{destination, destination_arn, state};

pub(crate) async fn describe_api_destination(
    svc: &EventBridge,
    cx: &Ctx,
    input: DescribeApiDestinationInput,
) -> Result<DescribeApiDestinationOutput, AwsError> {
    let name = input.name;
    let mut tx = svc.parts.store.read().await?;
    let row = destination(&mut tx, cx, &name).await?;
    let listed = row.listed(&name, destination_arn(cx, &name, &row), state(&mut tx, cx, &row).await?);
    Ok(DescribeApiDestinationOutput {
        api_destination_arn: listed.api_destination_arn,
        name: listed.name,
        description: row.description,
        api_destination_state: listed.api_destination_state,
        connection_arn: listed.connection_arn,
        invocation_endpoint: listed.invocation_endpoint,
        http_method: listed.http_method,
        invocation_rate_limit_per_second: listed.invocation_rate_limit_per_second,
        creation_time: listed.creation_time,
        last_modified_time: listed.last_modified_time,
    })
}
