//! `GetEndpointAttributes`: what is set of a device.

use updraft_api_sns::types::{GetEndpointAttributesInput, GetEndpointAttributesOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Sns;
use crate::people::apps;

pub(crate) async fn get_endpoint_attributes(
    svc: &Sns,
    cx: &Ctx,
    input: GetEndpointAttributesInput,
) -> Result<GetEndpointAttributesOutput, AwsError> {
    let id = apps::device_id(cx, &input.endpoint_arn, "EndpointArn")?;
    let device = apps::device(&mut svc.parts.store.read().await?, &id).await?;
    Ok(GetEndpointAttributesOutput { attributes: Some(device.attributes) })
}
