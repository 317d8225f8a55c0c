//! `PutResourcePolicy`.

use updraft_api_lambda::types::{PutResourcePolicyInput, PutResourcePolicyOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::add_permission::{standing, write};
use super::get_resource_policy::{current, target};
use crate::keys::WrittenPolicyRow;
use crate::model::written::Document;
use crate::policies::Policy;
use crate::{Lambda, policies, table};

/// Replaces everything, statements of `AddPermission` too.
pub(crate) async fn put_resource_policy(
    svc: &Lambda,
    cx: &Ctx,
    input: PutResourcePolicyInput,
) -> Result<PutResourcePolicyOutput, AwsError> {
    let target = target(cx, &input.resource_arn)?;
    let mut tx = svc.store.write().await?;
    table::function(&mut tx, &target).await?;
    let standing = standing(&mut tx, &target).await?;
    let before = policies::read(&mut tx, &target).await?;
    current(input.revision_id.as_deref(), before.as_ref())?;
    let Document { frame, statements } = Document::parse(&input.policy, &input.resource_arn)?;
    let policy = Policy { written: Some(WrittenPolicyRow { frame, statements }), ..Policy::default() };
    let document = policy.document(&input.resource_arn)?;
    let revision = write(cx, &mut tx, &target, policy, standing)?;
    tx.commit().await?;
    Ok(PutResourcePolicyOutput { policy: Some(document), revision_id: Some(revision) })
}
