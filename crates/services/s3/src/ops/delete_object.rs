//! `DeleteObject`: takes an object or a version away, or marks the key as deleted.

use updraft_api_s3::types::{DeleteObjectInput, DeleteObjectOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt as _;

use crate::objects::delete::delete;
use crate::objects::errors::not_implemented;
use crate::objects::version_id::VersionId;
use crate::objects::write::discard;
use crate::{S3, table};

pub(crate) async fn delete_object(
    svc: &S3,
    cx: &Ctx,
    input: DeleteObjectInput,
) -> Result<DeleteObjectOutput, AwsError> {
    if input.if_match_last_modified_time.is_some() || input.if_match_size.is_some() || input.if_match.is_some() {
        // AWS: only directory buckets take the first two; the last isn't built.
        return Err(not_implemented("If-Match"));
    }
    let mut tx = svc.parts.store.write().await?;
    let bucket = table::bucket(&mut tx, cx, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
    let what = (input.key.as_str(), input.version_id.as_deref());
    let id = VersionId::random(&*cx.rng);
    let deleted = delete(svc, cx, (&mut tx, &bucket), what, id).await?;
    tx.commit().await?;
    discard(svc, deleted.gone).await;
    let delete_marker = deleted.marker.then_some(true);
    Ok(DeleteObjectOutput { delete_marker, version_id: deleted.version, ..Default::default() })
}
