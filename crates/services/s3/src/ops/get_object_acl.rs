//! `GetObjectAcl`: the owner may do everything, where nothing else was said.

use updraft_api_s3::types::{GetObjectAclInput, GetObjectAclOutput, Owner};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt as _;

use crate::objects::acl;
use crate::objects::conditions::OfRead;
use crate::objects::read::{self, Wanted};
use crate::{S3, table};

pub(crate) async fn get_object_acl(
    svc: &S3,
    cx: &Ctx,
    input: GetObjectAclInput,
) -> Result<GetObjectAclOutput, AwsError> {
    let mut tx = svc.parts.store.read().await?;
    let bucket = table::bucket(&mut tx, cx, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
    let (key, version) = (input.key.as_str(), input.version_id.as_deref());
    let wanted = Wanted { key, version, range: None, part: None, conditions: OfRead::default(), method: "GET" };
    let (_, object) = read::existing(&mut tx, &bucket, wanted).await?;
    let id = acl::canonical_owner(&bucket, Some(&object));
    Ok(GetObjectAclOutput {
        owner: Some(Owner { id: Some(id), ..Owner::default() }),
        grants: Some(acl::grants(&bucket, &object)),
        ..GetObjectAclOutput::default()
    })
}
