//! `ListPhoneNumbersOptedOut`: whose owners want no more.

use updraft_api_sns::types::{ListPhoneNumbersOptedOutInput, ListPhoneNumbersOptedOutOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{Key, ScanOptions, StoreExt};

use super::paging::{PAGE, read_token, token};
use crate::Sns;
use crate::keys::people::OptedOutKey;

pub(crate) async fn list_phone_numbers_opted_out(
    svc: &Sns,
    cx: &Ctx,
    input: ListPhoneNumbersOptedOutInput,
) -> Result<ListPhoneNumbersOptedOutOutput, AwsError> {
    let (account, region) = (&cx.account, &cx.region);
    let mut range = OptedOutKey::all(account, region);
    if let Some(given) = input.next_token.filter(|token| !token.is_empty()) {
        range = range.after(&OptedOutKey { account, region, number: &read_token(&given)? }.encode());
    }
    let page = svc.parts.store.read().await?.rows::<OptedOutKey<'_>>(range, ScanOptions::limit(PAGE)).await?;
    let next_token = page.rows.last().filter(|_| page.more).map(|(_, last)| token(&last.number));
    let numbers = page.rows.into_iter().map(|(_, row)| row.number).collect();
    Ok(ListPhoneNumbersOptedOutOutput { phone_numbers: Some(numbers), next_token })
}
