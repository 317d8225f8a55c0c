//! `SetEndpointAttributes`: what is to be set of a device.

use updraft_api_sns::types::{SetEndpointAttributesInput, SetEndpointAttributesOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Sns;
use crate::keys::Known;
use crate::keys::people::{DeviceKey, DeviceTokenKey};
use crate::people::apps;

pub(crate) async fn set_endpoint_attributes(
    svc: &Sns,
    cx: &Ctx,
    input: SetEndpointAttributesInput,
) -> Result<SetEndpointAttributesOutput, AwsError> {
    let at = apps::device_id(cx, &input.endpoint_arn, "EndpointArn")?;
    let mut tx = svc.parts.store.write().await?;
    let mut device = apps::device(&mut tx, &at).await?;
    apps::check_device(&input.attributes)?;
    let (app, id) = &at;
    if let Some(token) = input.attributes.get("Token") {
        if let Some(old) = device.attributes.get("Token") {
            tx.delete_row(&DeviceTokenKey(app.key(), old));
        }
        tx.put_row(&DeviceTokenKey(app.key(), token), &Known(id.clone()))?;
    }
    device.attributes.extend(input.attributes);
    tx.put_row(&DeviceKey(app.key(), id), &device)?;
    tx.commit().await?;
    Ok(SetEndpointAttributesOutput {})
}
