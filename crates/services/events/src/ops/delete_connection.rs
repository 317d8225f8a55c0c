//! `DeleteConnection`.

use updraft_api_events::types::{ConnectionState, DeleteConnectionInput, DeleteConnectionOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::EventBridge;
use crate::connections::{arn, connection, forget};
use crate::keys::{ConnectionKey, Scope};

pub(crate) async fn delete_connection(
    svc: &EventBridge,
    cx: &Ctx,
    input: DeleteConnectionInput,
) -> Result<DeleteConnectionOutput, AwsError> {
    let name = input.name;
    let mut tx = svc.parts.store.write().await?;
    let mut row = connection(&mut tx, cx, &name).await?;
    tx.delete_row(&ConnectionKey(Scope::of(cx), &name));
    tx.commit().await?;
    forget(svc, row.secret.take()).await;
    Ok(DeleteConnectionOutput {
        connection_arn: Some(arn(cx, &name, &row)),
        connection_state: Some(ConnectionState::Deleting),
        creation_time: Some(row.created),
        last_modified_time: Some(row.modified),
        last_authorized_time: row.authorized,
    })
}
