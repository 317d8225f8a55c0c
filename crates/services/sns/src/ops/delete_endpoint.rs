//! `DeleteEndpoint`: an app is on a device no more.

use updraft_api_sns::types::{DeleteEndpointInput, DeleteEndpointOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Sns;
use crate::keys::people::{DeviceKey, DeviceTokenKey};
use crate::people::apps;

/// AWS: what isn't there has gone already, and subscriptions stay.
pub(crate) async fn delete_endpoint(
    svc: &Sns,
    cx: &Ctx,
    input: DeleteEndpointInput,
) -> Result<DeleteEndpointOutput, AwsError> {
    let (app, id) = apps::device_id(cx, &input.endpoint_arn, "EndpointArn")?;
    let mut tx = svc.parts.store.write().await?;
    let Some(device) = tx.row(&DeviceKey(app.key(), &id)).await? else { return Ok(DeleteEndpointOutput {}) };
    if let Some(token) = device.attributes.get("Token") {
        tx.delete_row(&DeviceTokenKey(app.key(), token));
    }
    tx.delete_row(&DeviceKey(app.key(), &id));
    tx.commit().await?;
    Ok(DeleteEndpointOutput {})
}
