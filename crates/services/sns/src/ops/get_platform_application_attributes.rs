//! `GetPlatformApplicationAttributes`: what is set of an app.

use updraft_api_sns::types::{GetPlatformApplicationAttributesInput, GetPlatformApplicationAttributesOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Sns;
use crate::people::apps::{self, AppId};

pub(crate) async fn get_platform_application_attributes(
    svc: &Sns,
    cx: &Ctx,
    input: GetPlatformApplicationAttributesInput,
) -> Result<GetPlatformApplicationAttributesOutput, AwsError> {
    let id = AppId::parse(cx, &input.platform_application_arn)?;
    let app = apps::app(&mut svc.parts.store.read().await?, &id).await?;
    Ok(GetPlatformApplicationAttributesOutput { attributes: Some(apps::shown(app)) })
}
