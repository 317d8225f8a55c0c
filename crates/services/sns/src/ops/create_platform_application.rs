//! `CreatePlatformApplication`: an app on a platform for push notifications.

use updraft_api_sns::types::{CreatePlatformApplicationInput, CreatePlatformApplicationOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Sns;
use crate::errors::invalid;
use crate::keys::people::App;
use crate::people::apps::{self, AppId, PLATFORMS};

/// AWS: one that is there gets the attributes, and stays.
pub(crate) async fn create_platform_application(
    svc: &Sns,
    cx: &Ctx,
    input: CreatePlatformApplicationInput,
) -> Result<CreatePlatformApplicationOutput, AwsError> {
    if !PLATFORMS.contains(&input.platform.as_str()) {
        return Err(invalid(format_args!("Platform Reason: {} is not supported", input.platform)));
    }
    check_name(&input.name)?;
    apps::check_app(&input.attributes)?;
    if !input.attributes.contains_key("PlatformCredential") {
        return Err(invalid("Attributes Reason: PlatformCredential attribute is required"));
    }
    let id = AppId::of(cx, &input.platform, &input.name);
    let mut tx = svc.parts.store.write().await?;
    let app = tx.row(&id.key()).await?;
    let mut app = app.unwrap_or_else(|| App { platform: input.platform, name: input.name, ..App::default() });
    app.attributes.extend(input.attributes);
    tx.put_row(&id.key(), &app)?;
    tx.commit().await?;
    Ok(CreatePlatformApplicationOutput { platform_application_arn: Some(id.arn()) })
}

fn check_name(name: &str) -> Result<(), AwsError> {
    if name.len() > 256 {
        return Err(invalid(format_args!("{name} Reason: must be at most 256 characters long")));
    }
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || !name.chars().all(legal) {
        return Err(invalid(format_args!(
            "{name} Reason: must contain only characters 'a'-'z', 'A'-'Z', '0'-'9', '_', '-', and '.'"
        )));
    }
    Ok(())
}
