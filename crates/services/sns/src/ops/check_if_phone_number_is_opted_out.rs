//! `CheckIfPhoneNumberIsOptedOut`: whether a phone's owner wants no more.

use updraft_api_sns::types::{CheckIfPhoneNumberIsOptedOutInput, CheckIfPhoneNumberIsOptedOutOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Sns;
use crate::keys::people::OptedOutKey;
use crate::people::phones;

pub(crate) async fn check_if_phone_number_is_opted_out(
    svc: &Sns,
    cx: &Ctx,
    input: CheckIfPhoneNumberIsOptedOutInput,
) -> Result<CheckIfPhoneNumberIsOptedOutOutput, AwsError> {
    phones::check(&input.phone_number)?;
    let key = OptedOutKey { account: &cx.account, region: &cx.region, number: &input.phone_number };
    let found = svc.parts.store.read().await?.row(&key).await?;
    Ok(CheckIfPhoneNumberIsOptedOutOutput { is_opted_out: Some(found.is_some()) })
}
