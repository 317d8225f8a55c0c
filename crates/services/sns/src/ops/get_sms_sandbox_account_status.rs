//! `GetSMSSandboxAccountStatus`: whether an account sends to phones it has proved to know only.

use updraft_api_sns::types::{GetSMSSandboxAccountStatusInput, GetSMSSandboxAccountStatusOutput};
use updraft_kernel::{AwsError, Ctx};

use crate::Sns;

/// AWS: every account begins in it, and leaves it by asking a person.
pub(crate) async fn get_sms_sandbox_account_status(
    _svc: &Sns,
    _cx: &Ctx,
    _input: GetSMSSandboxAccountStatusInput,
) -> Result<GetSMSSandboxAccountStatusOutput, AwsError> {
    Ok(GetSMSSandboxAccountStatusOutput { is_in_sandbox: true })
}
