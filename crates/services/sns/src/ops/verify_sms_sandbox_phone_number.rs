//! `VerifySMSSandboxPhoneNumber`: a phone gives back the password it was sent.

use updraft_api_sns::types::{VerifySMSSandboxPhoneNumberInput, VerifySMSSandboxPhoneNumberOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Sns;
use crate::errors::{no_such_phone, wrong_password};
use crate::keys::people::{SandboxKey, SandboxPhone};

pub(crate) async fn verify_sms_sandbox_phone_number(
    svc: &Sns,
    cx: &Ctx,
    input: VerifySMSSandboxPhoneNumberInput,
) -> Result<VerifySMSSandboxPhoneNumberOutput, AwsError> {
    let key = SandboxKey { account: &cx.account, region: &cx.region, number: &input.phone_number };
    let mut tx = svc.parts.store.write().await?;
    let phone = tx.row(&key).await?.ok_or_else(|| no_such_phone(&input.phone_number))?;
    if phone.password.as_ref().is_some_and(|password| *password != input.one_time_password) {
        return Err(wrong_password());
    }
    tx.put_row(&key, &SandboxPhone { password: None, ..phone })?;
    tx.commit().await?;
    Ok(VerifySMSSandboxPhoneNumberOutput {})
}
