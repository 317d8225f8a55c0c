//! `CreateSMSSandboxPhoneNumber`: a phone is sent a password, which it is to give back.

use updraft_api_sns::types::{CreateSMSSandboxPhoneNumberInput, CreateSMSSandboxPhoneNumberOutput};
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::StoreExt;

use crate::Sns;
use crate::errors::opted_out;
use crate::keys::people::{SandboxKey, SandboxPhone};
use crate::model::message::Notification;
use crate::people::phones::{self, Phone};

pub(crate) async fn create_sms_sandbox_phone_number(
    svc: &Sns,
    cx: &Ctx,
    input: CreateSMSSandboxPhoneNumberInput,
) -> Result<CreateSMSSandboxPhoneNumberOutput, AwsError> {
    phones::check(&input.phone_number)?;
    let (account, region, number) = (&cx.account, &cx.region, input.phone_number.as_str());
    let password = cx.rng.text("0123456789", 6);
    let text = format!("Your verification code is {password}");
    let row = SandboxPhone { number: number.to_owned(), password: Some(password) };
    let message = Notification { id: cx.rng.uuid(), text, ..Notification::default() };
    let mut tx = svc.parts.store.write().await?;
    tx.put_row(&SandboxKey { account, region, number }, &row)?;
    let said = (&message, message.id.clone(), String::new(), cx.now());
    if !phones::send(svc, &mut tx, Phone { account, region, number }, said).await? {
        return Err(opted_out(number));
    }
    tx.commit().await?;
    Ok(CreateSMSSandboxPhoneNumberOutput {})
}
