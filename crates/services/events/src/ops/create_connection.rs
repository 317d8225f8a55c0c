//! `CreateConnection`: how somebody's server is to be called.

use updraft_api_events::types::{CreateConnectionInput, CreateConnectionOutput};
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::StoreExt;

use crate::EventBridge;
use crate::connections::{arn, check_public, forget, keep};
use crate::errors::already_exists;
use crate::keys::{ConnectionKey, Scope};
use crate::model::connection::{Connection, checked, without_secrets};

pub(crate) async fn create_connection(
    svc: &EventBridge,
    cx: &Ctx,
    input: CreateConnectionInput,
) -> Result<CreateConnectionOutput, AwsError> {
    let (name, scope) = (input.name, Scope::of(cx));
    check_public([
        input.invocation_connectivity_parameters.as_ref(),
        input.auth_parameters.connectivity_parameters.as_ref(),
    ])?;
    let kept = checked(&input.authorization_type, input.auth_parameters)?;
    let id = cx.rng.uuid();
    // Before the transaction: what nobody comes to name is never read.
    let secret = keep(svc, cx, &id, &kept).await?;
    let row = Connection {
        id,
        created: cx.now(),
        modified: cx.now(),
        authorized: Some(cx.now()),
        description: input.description,
        kind: input.authorization_type.to_string(),
        shown: without_secrets(&kept).to_string(),
        secret: Some(secret),
        kms_key: input.kms_key_identifier,
    };
    let mut tx = svc.parts.store.write().await?;
    if tx.row(&ConnectionKey(scope, &name)).await?.is_some() {
        forget(svc, row.secret).await;
        return Err(already_exists(format_args!("Connection {name}")));
    }
    tx.put_row(&ConnectionKey(scope, &name), &row)?;
    tx.commit().await?;
    Ok(CreateConnectionOutput {
        connection_arn: Some(arn(cx, &name, &row)),
        connection_state: Some(row.state()),
        creation_time: Some(row.created),
        last_modified_time: Some(row.modified),
    })
}
