//! `PutBucketAcl`: instead of the one that was there.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{AccessControlPolicy, PutBucketAclInput, PutBucketAclOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::config::{self, Kind};
use crate::errors::{access_denied, acls_not_supported};
use crate::model::acl::{self, Asked, Whose};
use crate::model::owner::canonical_id;
use crate::ops::get_public_access_block::block;
use crate::{S3, table};

pub(crate) async fn put_bucket_acl(
    svc: &S3,
    cx: &Ctx,
    input: PutBucketAclInput,
) -> Result<PutBucketAclOutput, AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let owner = input.expected_bucket_owner.as_deref();
    let mut bucket = table::bucket(&mut tx, cx, &input.bucket, owner).await?;
    let id = canonical_id(&bucket.account);
    let asked = Asked {
        canned: input.acl.as_ref().map(|acl| acl.as_str()),
        headers: vec![
            ("x-amz-grant-full-control", input.grant_full_control.as_deref()),
            ("x-amz-grant-read", input.grant_read.as_deref()),
            ("x-amz-grant-read-acp", input.grant_read_acp.as_deref()),
            ("x-amz-grant-write", input.grant_write.as_deref()),
            ("x-amz-grant-write-acp", input.grant_write_acp.as_deref()),
        ],
        document: input.access_control_policy,
    };
    let grants = acl::grants(asked, Whose { owner: &id, bucket: None })?;
    if bucket.owner_enforced() {
        return Err(acls_not_supported());
    }
    if acl::is_public(&grants) && block(&mut tx, &bucket).await?.block_public_acls == Some(true) {
        return Err(access_denied());
    }
    let kept = AccessControlPolicy { grants: Some(grants), owner: None };
    config::put(&mut tx, &mut bucket, (Kind::Acl, &shapes::AccessControlPolicy), kept)?;
    tx.commit().await?;
    Ok(PutBucketAclOutput {})
}
