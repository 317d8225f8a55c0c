//! Whether a service may call a function: the resource policy's word.

use updraft_kernel::{AccountId, Arn, AwsError};
use updraft_store::Tx;

use crate::errors::access_denied;
use crate::model::name::Target;
use crate::model::written::Caller;
use crate::policies;

/// The service that calls, and the resource it calls for.
pub(crate) type Source = (&'static str, Arn);

/// Within an account, what isn't denied may be called, unless that is to be strict; what is another account's needs a
/// statement, always.
///
/// # Errors
/// If no statement lets the source in, or one keeps it out.
pub(crate) async fn check(
    tx: &mut Tx,
    target: &Target,
    (source, account): (&Source, &AccountId),
    strict: bool,
) -> Result<(), AwsError> {
    let (service, arn) = source;
    let policy = policies::read(tx, target).await?.unwrap_or_default();
    // A bucket's ARN names no account: it is the one that the call is made for.
    let account = AccountId::parse(&arn.account).unwrap_or_else(|_| account.clone());
    let own = !strict && account == target.id.account;
    if policy.says(Caller { service, source: arn, account: &account }).unwrap_or(own) {
        return Ok(());
    }
    let function = target.arn();
    Err(access_denied(format!(
        "User: {service} is not authorized to perform: lambda:InvokeFunction on resource: {function} because no \
         resource-based policy allows the lambda:InvokeFunction action"
    )))
}
