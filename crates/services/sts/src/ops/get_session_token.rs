//! `GetSessionToken`.

use updraft_api_sts::types::{GetSessionTokenInput, GetSessionTokenOutput};
use updraft_kernel::{AwsError, Ctx, Principal};

use super::{seconds, wire};
use crate::Sts;
use crate::errors::access_denied;

const USER_SECONDS: i32 = 43_200;
/// AWS: a root's session lives an hour at most; more is cut, not refused.
const ROOT_SECONDS: i32 = 3600;

pub(crate) async fn get_session_token(
    svc: &Sts,
    cx: &Ctx,
    input: GetSessionTokenInput,
) -> Result<GetSessionTokenOutput, AwsError> {
    if cx.identity.access_key_id.starts_with("ASIA") {
        return Err(access_denied("Cannot call GetSessionToken with session credentials"));
    }
    let duration = match cx.identity.principal {
        Principal::Root => input.duration_seconds.unwrap_or(ROOT_SECONDS).min(ROOT_SECONDS),
        _ => input.duration_seconds.unwrap_or(USER_SECONDS),
    };
    let expires = svc.credentials.now().plus(seconds(duration));
    let session = svc.credentials.session(cx.identity.account.clone(), &cx.identity.principal, expires);
    Ok(GetSessionTokenOutput { credentials: Some(wire(session)), ..GetSessionTokenOutput::default() })
}
