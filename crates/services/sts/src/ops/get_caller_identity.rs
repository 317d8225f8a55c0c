//! `GetCallerIdentity`.

use updraft_api_sts::types::GetCallerIdentityOutput;
use updraft_kernel::{AwsError, Ctx, Principal};

#[expect(clippy::unnecessary_wraps, reason = "operations have one shape")]
pub(crate) fn get_caller_identity(cx: &Ctx) -> Result<GetCallerIdentityOutput, AwsError> {
    let who = &cx.identity;
    let user_id = match &who.principal {
        Principal::User { id, .. } => id.clone(),
        Principal::AssumedRole { role_id, session, .. } => format!("{role_id}:{session}"),
        Principal::Root | Principal::Service(_) | Principal::Anonymous => who.account.to_string(),
    };
    Ok(GetCallerIdentityOutput {
        user_id: Some(user_id),
        account: Some(who.account.to_string()),
        arn: Some(who.arn(cx.region.partition())),
    })
}
