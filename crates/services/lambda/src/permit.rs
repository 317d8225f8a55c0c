//! Whether a service may call a function: the resource policy's word.

use updraft_kernel::{AccountId, Arn, AwsError};
use updraft_store::Tx;

use crate::errors::access_denied;
use crate::model::name::Target;
use crate::model::written::Caller;
use crate::policies;

/// The service that calls, and the resource it calls for.
pub(crate) type Source = (&'static str, Arn);

/// # Errors
/// If no statement lets the source in.
pub(crate) async fn check(tx: &mut Tx, target: &Target, source: &Source, account: &AccountId) -> Result<(), AwsError> {
    let (service, arn) = source;
    let policy = policies::read(tx, target).await?.unwrap_or_default();
    // A bucket's ARN names no account: it is the one that the call is made for.
    let account = AccountId::parse(&arn.account).unwrap_or_else(|_| account.clone());
    if policy.allows(Caller { service, source: arn, account: &account }) {
        return Ok(());
    }
    let function = target.arn();
    Err(access_denied(format!(
        "User: {service} is not authorized to perform: lambda:InvokeFunction on resource: {function} because no \
         resource-based policy allows the lambda:InvokeFunction action"
    )))
}
