//! `GetCallerIdentity`.

use updraft_api_sts::types::{GetCallerIdentityInput, GetCallerIdentityOutput};
use updraft_kernel::{AwsError, Ctx, Principal};

use crate::Sts;

pub(crate) async fn get_caller_identity(
    _svc: &Sts,
    cx: &Ctx,
    _input: GetCallerIdentityInput,
) -> Result<GetCallerIdentityOutput, AwsError> {
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
