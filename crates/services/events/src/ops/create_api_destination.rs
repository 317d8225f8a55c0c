//! `CreateApiDestination`: somebody's server as a target.

use updraft_api_events::types::{CreateApiDestinationInput, CreateApiDestinationOutput};
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::StoreExt;

use crate::EventBridge;
use crate::connections::{check_connection, destination_arn, state};
use crate::errors::already_exists;
use crate::keys::{DestinationKey, Scope};
use crate::model::connection::ApiDestination;

/// AWS: calls a second, where nothing else is said.
const USUAL_RATE: u32 = 300;

pub(crate) async fn create_api_destination(
    svc: &EventBridge,
    cx: &Ctx,
    input: CreateApiDestinationInput,
) -> Result<CreateApiDestinationOutput, AwsError> {
    let (name, scope) = (input.name, Scope::of(cx));
    let row = ApiDestination {
        id: cx.rng.uuid(),
        created: cx.now(),
        modified: cx.now(),
        description: input.description,
        connection: input.connection_arn,
        url: input.invocation_endpoint,
        method: input.http_method.to_string(),
        rate: input.invocation_rate_limit_per_second.and_then(|rate| u32::try_from(rate).ok()).unwrap_or(USUAL_RATE),
    };
    let mut tx = svc.parts.store.write().await?;
    check_connection(&mut tx, cx, &row.connection).await?;
    if tx.row(&DestinationKey(scope, &name)).await?.is_some() {
        return Err(already_exists(format_args!("Api-destination '{name}'")));
    }
    tx.put_row(&DestinationKey(scope, &name), &row)?;
    let state = state(&mut tx, cx, &row).await?;
    tx.commit().await?;
    Ok(CreateApiDestinationOutput {
        api_destination_arn: Some(destination_arn(cx, &name, &row)),
        api_destination_state: Some(state),
        creation_time: Some(row.created),
        last_modified_time: Some(row.modified),
    })
}
