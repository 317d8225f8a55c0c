//! `ListOriginationNumbers`: numbers of the account's own, of which it has none: they are bought.

use updraft_api_sns::types::{ListOriginationNumbersInput, ListOriginationNumbersOutput};
use updraft_kernel::{AwsError, Ctx};

use crate::Sns;

pub(crate) async fn list_origination_numbers(
    _svc: &Sns,
    _cx: &Ctx,
    _input: ListOriginationNumbersInput,
) -> Result<ListOriginationNumbersOutput, AwsError> {
    Ok(ListOriginationNumbersOutput { phone_numbers: Some(Vec::new()), next_token: None })
}
