//! `DeleteSMSSandboxPhoneNumber`: a phone leaves the sandbox.

use updraft_api_sns::types::{DeleteSMSSandboxPhoneNumberInput, DeleteSMSSandboxPhoneNumberOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Sns;
use crate::errors::no_such_phone;
use crate::keys::people::SandboxKey;

pub(crate) async fn delete_sms_sandbox_phone_number(
    svc: &Sns,
    cx: &Ctx,
    input: DeleteSMSSandboxPhoneNumberInput,
) -> Result<DeleteSMSSandboxPhoneNumberOutput, AwsError> {
    let key = SandboxKey { account: &cx.account, region: &cx.region, number: &input.phone_number };
    let mut tx = svc.parts.store.write().await?;
    tx.row(&key).await?.ok_or_else(|| no_such_phone(&input.phone_number))?;
    tx.delete_row(&key);
    tx.commit().await?;
    Ok(DeleteSMSSandboxPhoneNumberOutput {})
}
