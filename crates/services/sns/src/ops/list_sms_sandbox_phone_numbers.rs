//! `ListSMSSandboxPhoneNumbers`: the sandbox's phones, by their numbers.

use updraft_api_sns::types::{
    ListSMSSandboxPhoneNumbersInput, ListSMSSandboxPhoneNumbersOutput, SMSSandboxPhoneNumber,
    SMSSandboxPhoneNumberVerificationStatus as Status,
};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{Key, ScanOptions, StoreExt};

use super::paging::{PAGE, read_token, token};
use crate::Sns;
use crate::keys::people::{SandboxKey, SandboxPhone};

pub(crate) async fn list_sms_sandbox_phone_numbers(
    svc: &Sns,
    cx: &Ctx,
    input: ListSMSSandboxPhoneNumbersInput,
) -> Result<ListSMSSandboxPhoneNumbersOutput, AwsError> {
    let (account, region) = (&cx.account, &cx.region);
    let mut range = SandboxKey::all(account, region);
    if let Some(given) = input.next_token.filter(|token| !token.is_empty()) {
        range = range.after(&SandboxKey { account, region, number: &read_token(&given)? }.encode());
    }
    let most = input.max_results.and_then(|most| usize::try_from(most).ok()).unwrap_or(PAGE).clamp(1, PAGE);
    let page = svc.parts.store.read().await?.rows::<SandboxKey<'_>>(range, ScanOptions::limit(most)).await?;
    let next_token = page.rows.last().filter(|_| page.more).map(|(_, last)| token(&last.number));
    let one = |(_, row): (bytes::Bytes, SandboxPhone)| SMSSandboxPhoneNumber {
        phone_number: Some(row.number),
        status: Some(if row.password.is_some() { Status::Pending } else { Status::Verified }),
    };
    let phone_numbers = page.rows.into_iter().map(one).collect();
    Ok(ListSMSSandboxPhoneNumbersOutput { phone_numbers, next_token })
}
