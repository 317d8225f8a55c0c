//! `ListEndpointsByPlatformApplication`: the devices that an app is on.

use updraft_api_sns::types::{
    Endpoint, ListEndpointsByPlatformApplicationInput, ListEndpointsByPlatformApplicationOutput,
};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{Key, ScanOptions, StoreExt};

use super::paging::{PAGE, read_token, token};
use crate::Sns;
use crate::keys::people::{Device, DeviceKey};
use crate::people::apps::{self, AppId};

pub(crate) async fn list_endpoints_by_platform_application(
    svc: &Sns,
    cx: &Ctx,
    input: ListEndpointsByPlatformApplicationInput,
) -> Result<ListEndpointsByPlatformApplicationOutput, AwsError> {
    let app = AppId::parse(cx, &input.platform_application_arn)?;
    let mut tx = svc.parts.store.read().await?;
    apps::app(&mut tx, &app).await?;
    let mut range = app.key().devices();
    if let Some(given) = input.next_token.filter(|token| !token.is_empty()) {
        range = range.after(&DeviceKey(app.key(), &read_token(&given)?).encode());
    }
    let page = tx.rows::<DeviceKey<'_>>(range, ScanOptions::limit(PAGE)).await?;
    let next_token = page.rows.last().filter(|_| page.more).map(|(_, last)| token(&last.id));
    let one = |(_, device): (bytes::Bytes, Device)| Endpoint {
        endpoint_arn: Some(app.device_arn(&device.id)),
        attributes: Some(device.attributes),
    };
    let endpoints = page.rows.into_iter().map(one).collect();
    Ok(ListEndpointsByPlatformApplicationOutput { endpoints: Some(endpoints), next_token })
}
