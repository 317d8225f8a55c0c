//! `AbortMultipartUpload`: nothing of it was ever there.

use updraft_api_s3::types::{AbortMultipartUploadInput, AbortMultipartUploadOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt as _;

use crate::keys::Numbered;
use crate::objects::keys::UploadKey;
use crate::objects::write::discard;
use crate::objects::{table as versions, upload};
use crate::{S3, table};

pub(crate) async fn abort_multipart_upload(
    svc: &S3,
    cx: &Ctx,
    input: AbortMultipartUploadInput,
) -> Result<AbortMultipartUploadOutput, AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let bucket = table::bucket(&mut tx, cx, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
    upload::find(&mut tx, &bucket, &input.key, &input.upload_id).await?;
    let numbered = Numbered::of(&bucket);
    let mut gone = Vec::new();
    versions::remove_parts(&mut tx, numbered, &input.upload_id, &mut gone).await?;
    tx.delete_row(&UploadKey { bucket: numbered, key: &input.key, id: &input.upload_id });
    tx.commit().await?;
    discard(svc, gone).await;
    Ok(AbortMultipartUploadOutput::default())
}
