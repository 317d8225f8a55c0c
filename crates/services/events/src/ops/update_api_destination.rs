//! `UpdateApiDestination`: what isn't given stays.

use updraft_api_events::types::{UpdateApiDestinationInput, UpdateApiDestinationOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::EventBridge;
use crate::connections::{check_connection, destination, destination_arn, state};
use crate::keys::{DestinationKey, Scope};

pub(crate) async fn update_api_destination(
    svc: &EventBridge,
    cx: &Ctx,
    input: UpdateApiDestinationInput,
) -> Result<UpdateApiDestinationOutput, AwsError> {
    let name = input.name;
    let mut tx = svc.parts.store.write().await?;
    let mut row = destination(&mut tx, cx, &name).await?;
    if let Some(connection) = input.connection_arn {
        check_connection(&mut tx, cx, &connection).await?;
        row.connection = connection;
    }
    row.description = input.description.or(row.description);
    row.url = input.invocation_endpoint.unwrap_or(row.url);
    row.method = input.http_method.map_or(row.method, |method| method.to_string());
    let rate = input.invocation_rate_limit_per_second.and_then(|rate| u32::try_from(rate).ok());
    row.rate = rate.unwrap_or(row.rate);
    row.modified = cx.now();
    tx.put_row(&DestinationKey(Scope::of(cx), &name), &row)?;
    let state = state(&mut tx, cx, &row).await?;
    tx.commit().await?;
    Ok(UpdateApiDestinationOutput {
        api_destination_arn: Some(destination_arn(cx, &name, &row)),
        api_destination_state: Some(state),
        creation_time: Some(row.created),
        last_modified_time: Some(row.modified),
    })
}
