//! `CreatePlatformEndpoint`: an app is on a device.

use updraft_api_sns::types::{CreatePlatformEndpointInput, CreatePlatformEndpointOutput};
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::StoreExt;

use crate::Sns;
use crate::errors::invalid;
use crate::keys::Known;
use crate::keys::people::{Device, DeviceKey, DeviceTokenKey};
use crate::people::apps::{self, AppId};

/// AWS: one with the same token is the same, unless its attributes differ.
pub(crate) async fn create_platform_endpoint(
    svc: &Sns,
    cx: &Ctx,
    input: CreatePlatformEndpointInput,
) -> Result<CreatePlatformEndpointOutput, AwsError> {
    let app = AppId::parse(cx, &input.platform_application_arn)?;
    let mut attributes = input.attributes.unwrap_or_default();
    apps::check_device(&attributes)?;
    attributes.extend(input.custom_user_data.map(|data| ("CustomUserData".to_owned(), data)));
    let token = input.token;
    attributes.insert("Token".to_owned(), token.clone());
    attributes.entry("Enabled".to_owned()).or_insert_with(|| "true".to_owned());
    let mut tx = svc.parts.store.write().await?;
    apps::app(&mut tx, &app).await?;
    if let Some(Known(there)) = tx.row(&DeviceTokenKey(app.key(), &token)).await? {
        return match tx.row(&DeviceKey(app.key(), &there)).await? {
            Some(device) if device.attributes != attributes => Err(taken(&app.device_arn(&there))),
            _ => Ok(CreatePlatformEndpointOutput { endpoint_arn: Some(app.device_arn(&there)) }),
        };
    }
    let id = cx.rng.uuid();
    tx.put_row(&DeviceKey(app.key(), &id), &Device { id: id.clone(), attributes })?;
    tx.put_row(&DeviceTokenKey(app.key(), &token), &Known(id.clone()))?;
    tx.commit().await?;
    Ok(CreatePlatformEndpointOutput { endpoint_arn: Some(app.device_arn(&id)) })
}

fn taken(arn: &str) -> AwsError {
    invalid(format_args!("Token Reason: Endpoint {arn} already exists with the same Token, but different attributes."))
}
