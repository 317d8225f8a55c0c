//! `GetBucketAcl`: the owner may do everything, where nothing else was said.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{AccessControlPolicy, GetBucketAclInput, GetBucketAclOutput, Owner};
use updraft_kernel::{AwsError, Ctx};

use super::configured::get;
use crate::S3;
use crate::config::Kind;
use crate::model::acl::private;
use crate::model::owner::canonical_id;

pub(crate) async fn get_bucket_acl(
    svc: &S3,
    cx: &Ctx,
    input: GetBucketAclInput,
) -> Result<GetBucketAclOutput, AwsError> {
    let whose = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
    let what = (Kind::Acl, &shapes::AccessControlPolicy);
    let (bucket, found) = get::<AccessControlPolicy>(svc, cx, whose, what).await?;
    let id = canonical_id(&bucket.account);
    // AWS: where the owner is enforced, an ACL of before isn't shown.
    let found = found.filter(|_| !bucket.owner_enforced()).and_then(|found| found.grants);
    let grants = Some(found.unwrap_or_else(|| private(&id)));
    Ok(GetBucketAclOutput { owner: Some(Owner { id: Some(id), ..Owner::default() }), grants })
}
