//! `GetResourcePolicy`, and what its siblings share.

use updraft_api_lambda::types::{GetResourcePolicyInput, GetResourcePolicyOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::{invalid_parameter, not_found, stale_policy};
use crate::model::name::{LATEST, Target};
use crate::policies::Policy;
use crate::{Lambda, policies};

pub(crate) async fn get_resource_policy(
    svc: &Lambda,
    cx: &Ctx,
    input: GetResourcePolicyInput,
) -> Result<GetResourcePolicyOutput, AwsError> {
    let target = target(cx, &input.resource_arn)?;
    let mut tx = svc.store.read().await?;
    let policy = policies::read(&mut tx, &target).await?.ok_or_else(no_policy)?;
    let document = policy.document(&input.resource_arn)?;
    Ok(GetResourcePolicyOutput { policy: Some(document), revision_id: Some(policy.revision) })
}

/// What a policy stands on. The tables have checked that it is a whole ARN.
pub(super) fn target(cx: &Ctx, arn: &str) -> Result<Target, AwsError> {
    // Runtimes have no policies of their own here.
    if !arn.contains(":function:") {
        return Err(no_policy());
    }
    let target = Target::parse(cx, arn, None)?;
    if target.qualifier.as_deref() == Some(LATEST) {
        return Err(invalid_parameter("We currently do not support adding policies for $LATEST."));
    }
    Ok(target)
}

/// AWS: no function and no policy are answered alike.
pub(super) fn no_policy() -> AwsError {
    not_found("The resource you requested does not exist.")
}

/// Whether the revision that the client knows, if it says one, is the policy's.
pub(super) fn current(given: Option<&str>, policy: Option<&Policy>) -> Result<(), AwsError> {
    match given {
        Some(given) if policy.is_none_or(|policy| policy.revision != given) => Err(stale_policy("GetResourcePolicy")),
        _ => Ok(()),
    }
}
