//! `GetSMSAttributes`: how an account sends to phones.

use updraft_api_sns::types::{GetSMSAttributesInput, GetSMSAttributesOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Sns;
use crate::keys::people::{SmsKey, SmsSettings};
use crate::people::phones::SPEND_LIMIT;

pub(crate) async fn get_sms_attributes(
    svc: &Sns,
    cx: &Ctx,
    input: GetSMSAttributesInput,
) -> Result<GetSMSAttributesOutput, AwsError> {
    let key = SmsKey { account: &cx.account, region: &cx.region };
    let SmsSettings(mut settings) = svc.parts.store.read().await?.row(&key).await?.unwrap_or_default();
    let (name, usual) = SPEND_LIMIT;
    settings.entry(name.to_owned()).or_insert_with(|| usual.to_owned());
    if let Some(wanted) = input.attributes.filter(|wanted| !wanted.is_empty()) {
        settings.retain(|name, _| wanted.contains(name));
    }
    Ok(GetSMSAttributesOutput { attributes: Some(settings) })
}
