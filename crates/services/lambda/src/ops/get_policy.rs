//! `GetPolicy`.

use updraft_api_lambda::types::{GetPolicyInput, GetPolicyOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::not_found;
use crate::model::name::Target;
use crate::{Lambda, policies};

pub(crate) async fn get_policy(svc: &Lambda, cx: &Ctx, input: GetPolicyInput) -> Result<GetPolicyOutput, AwsError> {
    let target = Target::parse(cx, &input.function_name, input.qualifier.as_deref())?;
    let mut tx = svc.store.read().await?;
    // AWS: no function, no version and no policy are answered alike.
    let none = || not_found("The resource you requested does not exist.");
    let policy = policies::read(&mut tx, &target).await?.ok_or_else(none)?;
    let document = policy.document(&target.arn().to_string())?;
    // AWS: what changes the version, as publishing does with $LATEST, leaves its policy's revision alone (recorded:
    // `test_lambda_permission_fn_versioning`).
    Ok(GetPolicyOutput { policy: Some(document), revision_id: Some(policy.revision) })
}
