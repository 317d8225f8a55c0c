//! `DeauthorizeConnection`: nothing is called by it until it is updated.

use updraft_api_events::types::{DeauthorizeConnectionInput, DeauthorizeConnectionOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::EventBridge;
use crate::connections::{arn, connection, forget};
use crate::keys::{ConnectionKey, Scope};

pub(crate) async fn deauthorize_connection(
    svc: &EventBridge,
    cx: &Ctx,
    input: DeauthorizeConnectionInput,
) -> Result<DeauthorizeConnectionOutput, AwsError> {
    let name = input.name;
    let mut tx = svc.parts.store.write().await?;
    let mut row = connection(&mut tx, cx, &name).await?;
    let before = row.secret.take();
    row.modified = cx.now();
    tx.put_row(&ConnectionKey(Scope::of(cx), &name), &row)?;
    tx.commit().await?;
    forget(svc, before).await;
    Ok(DeauthorizeConnectionOutput {
        connection_arn: Some(arn(cx, &name, &row)),
        connection_state: Some(row.state()),
        creation_time: Some(row.created),
        last_modified_time: Some(row.modified),
        last_authorized_time: row.authorized,
    })
}
