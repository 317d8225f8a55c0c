//! `UpdateConnection`: what isn't given stays.

use serde_json::Value;
use updraft_api_events::shapes;
use updraft_api_events::types::{UpdateConnectionInput, UpdateConnectionOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;
use updraft_wire::{IntoValue, typed};

use crate::EventBridge;
use crate::connections::{arn, check_public, connection, forget, keep};
use crate::keys::{ConnectionKey, Scope};
use crate::model::connection::{Connection, checked, merged, read, without_secrets};

pub(crate) async fn update_connection(
    svc: &EventBridge,
    cx: &Ctx,
    input: UpdateConnectionInput,
) -> Result<UpdateConnectionOutput, AwsError> {
    let name = input.name;
    check_public([
        input.invocation_connectivity_parameters.as_ref(),
        input.auth_parameters.as_ref().and_then(|given| given.connectivity_parameters.as_ref()),
    ])?;
    let there = connection(&mut svc.parts.store.read().await?, cx, &name).await?;
    let kind = input.authorization_type.unwrap_or_else(|| there.kind());
    let before = kept(svc, &there).await?;
    let given = input.auth_parameters.map(|given| given.into_value());
    let given = given.map(|given| typed::to_json(&shapes::UpdateConnectionAuthRequestParameters, &given));
    let both = given.map_or(before.clone(), |given| merged(before, given));
    let both = checked(&kind, read(&both)?)?;
    let secret = keep(svc, cx, &there.id, &both).await?;
    let mut tx = svc.parts.store.write().await?;
    let mut row = connection(&mut tx, cx, &name).await?;
    row.description = input.description.or(row.description);
    row.kms_key = input.kms_key_identifier.or(row.kms_key);
    row.kind = kind.to_string();
    row.shown = without_secrets(&both).to_string();
    let before = row.secret.replace(secret);
    (row.modified, row.authorized) = (cx.now(), Some(cx.now()));
    tx.put_row(&ConnectionKey(Scope::of(cx), &name), &row)?;
    tx.commit().await?;
    forget(svc, before).await;
    Ok(UpdateConnectionOutput {
        connection_arn: Some(arn(cx, &name, &row)),
        connection_state: Some(row.state()),
        creation_time: Some(row.created),
        last_modified_time: Some(row.modified),
        last_authorized_time: row.authorized,
    })
}

/// What it called with until now; nothing, where it was deauthorized.
async fn kept(svc: &EventBridge, row: &Connection) -> Result<Value, AwsError> {
    let Some(secret) = &row.secret else { return Ok(Value::Object(Default::default())) };
    let kept = svc.parts.secrets.get(secret).await?.unwrap_or_else(|| b"{}".to_vec());
    serde_json::from_slice(&kept).map_err(AwsError::internal)
}
