//! `OptInPhoneNumber`: a phone gets messages again.

use updraft_api_sns::types::{OptInPhoneNumberInput, OptInPhoneNumberOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Sns;
use crate::keys::people::OptedOutKey;
use crate::people::phones;

pub(crate) async fn opt_in_phone_number(
    svc: &Sns,
    cx: &Ctx,
    input: OptInPhoneNumberInput,
) -> Result<OptInPhoneNumberOutput, AwsError> {
    phones::check(&input.phone_number)?;
    let mut tx = svc.parts.store.write().await?;
    tx.delete_row(&OptedOutKey { account: &cx.account, region: &cx.region, number: &input.phone_number });
    tx.commit().await?;
    Ok(OptInPhoneNumberOutput {})
}
