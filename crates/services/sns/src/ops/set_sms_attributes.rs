//! `SetSMSAttributes`: how an account is to send to phones.

use updraft_api_sns::types::{SetSMSAttributesInput, SetSMSAttributesOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Sns;
use crate::keys::people::{SmsKey, SmsSettings};
use crate::people::phones::check_setting;

pub(crate) async fn set_sms_attributes(
    svc: &Sns,
    cx: &Ctx,
    input: SetSMSAttributesInput,
) -> Result<SetSMSAttributesOutput, AwsError> {
    for (name, value) in &input.attributes {
        check_setting(name, value)?;
    }
    let key = SmsKey { account: &cx.account, region: &cx.region };
    let mut tx = svc.parts.store.write().await?;
    let SmsSettings(mut settings) = tx.row(&key).await?.unwrap_or_default();
    settings.extend(input.attributes);
    tx.put_row(&key, &SmsSettings(settings))?;
    tx.commit().await?;
    Ok(SetSMSAttributesOutput {})
}
