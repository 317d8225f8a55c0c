//! `SetPlatformApplicationAttributes`: what is to be set of an app.

use updraft_api_sns::types::{SetPlatformApplicationAttributesInput, SetPlatformApplicationAttributesOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Sns;
use crate::people::apps::{self, AppId};

pub(crate) async fn set_platform_application_attributes(
    svc: &Sns,
    cx: &Ctx,
    input: SetPlatformApplicationAttributesInput,
) -> Result<SetPlatformApplicationAttributesOutput, AwsError> {
    let id = AppId::parse(cx, &input.platform_application_arn)?;
    let mut tx = svc.parts.store.write().await?;
    let mut app = apps::app(&mut tx, &id).await?;
    apps::check_app(&input.attributes)?;
    app.attributes.extend(input.attributes);
    tx.put_row(&id.key(), &app)?;
    tx.commit().await?;
    Ok(SetPlatformApplicationAttributesOutput {})
}
