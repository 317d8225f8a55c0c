//! `PutObjectAcl`: another ACL for an object that is there.

use updraft_api_s3::types::{PutObjectAclInput, PutObjectAclOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt as _;

use crate::model::acl::Asked;
use crate::notify::{self, Change, Happening};
use crate::objects::acl::{self, acl_of};
use crate::objects::errors::{marker, no_such_key};
use crate::objects::{read, table as versions};
use crate::{S3, table};

pub(crate) async fn put_object_acl(
    svc: &S3,
    cx: &Ctx,
    mut input: PutObjectAclInput,
) -> Result<PutObjectAclOutput, AwsError> {
    let document = input.access_control_policy.take();
    let (key, version) = (input.key.as_str(), input.version_id.as_deref());
    let mut asked = Asked { document, ..acl_of!(input) };
    asked.headers.push(("x-amz-grant-write", input.grant_write.as_deref()));
    let mut tx = svc.parts.store.write().await?;
    let bucket = table::bucket(&mut tx, cx, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
    let mut found = versions::find(&mut tx, &bucket, key, version).await?.ok_or_else(|| no_such_key(key))?;
    let mut object = found.version.object.take().ok_or_else(|| marker("PUT"))?;
    object.about.acl = acl::instead(&mut tx, &bucket, asked, &object).await?;
    let etag = object.etag.clone();
    found.version.object = Some(object);
    found.version.sequencer = versions::sequencer(Some(&found), cx.now());
    versions::change(&mut tx, &bucket, key, &found)?;
    let id = read::shown_id(&bucket, &found);
    let sequencer = found.version.sequencer;
    let what = Happening::AclPut;
    let change = Change { what, key, version: id.as_deref(), size: None, etag: Some(&etag), sequencer };
    notify::happened(svc, cx, &mut tx, &bucket, &change).await?;
    tx.commit().await?;
    Ok(PutObjectAclOutput::default())
}
