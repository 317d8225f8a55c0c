//! `DeleteObject`: takes an object or a version away, or marks the key as deleted.

use updraft_api_s3::types::{DeleteObjectInput, DeleteObjectOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt as _;

use crate::objects::conditions::OfDelete;
use crate::objects::delete::{Doomed, delete};
use crate::objects::errors::not_implemented;
use crate::objects::lock::bypasses;
use crate::objects::version_id::VersionId;
use crate::objects::write::discard;
use crate::{S3, table};

pub(crate) async fn delete_object(
    svc: &S3,
    cx: &Ctx,
    input: DeleteObjectInput,
) -> Result<DeleteObjectOutput, AwsError> {
    // AWS: only directory buckets take these.
    if input.if_match_last_modified_time.is_some() {
        return Err(not_implemented("x-amz-if-match-last-modified-time"));
    }
    if input.if_match_size.is_some() {
        return Err(not_implemented("x-amz-if-match-size"));
    }
    let mut tx = svc.parts.store.write().await?;
    let bucket = table::bucket(&mut tx, cx, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
    let what = Doomed {
        key: &input.key,
        version: input.version_id.as_deref(),
        condition: OfDelete { if_match: input.if_match.as_deref() },
        bypass: bypasses(&bucket, input.bypass_governance_retention)?,
    };
    let id = VersionId::random(&*cx.rng);
    let deleted = delete(svc, cx, (&mut tx, &bucket), what, id).await?;
    tx.commit().await?;
    discard(svc, deleted.gone).await;
    let delete_marker = deleted.marker.then_some(true);
    Ok(DeleteObjectOutput { delete_marker, version_id: deleted.version, ..Default::default() })
}
