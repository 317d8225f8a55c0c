//! Going through all blobs in the order of their ids, shard by shard: object stores promise no order of their own.

use futures_util::TryStreamExt;
use object_store::ObjectMeta;
use updraft_blob::{BlobError, BlobId, BlobInfo};
use updraft_kernel::UnixMillis;

use crate::{ObjectBlobs, other};

/// Blobs behind `after`. Names that are none of ours are passed over.
pub(crate) async fn page(
    blobs: &ObjectBlobs,
    after: Option<&BlobId>,
    limit: usize,
) -> Result<Vec<BlobInfo>, BlobError> {
    let first = after.and_then(|id| u8::from_str_radix(id.as_str().get(..2)?, 16).ok()).unwrap_or(0);
    let mut found = Vec::new();
    for shard in first..=u8::MAX {
        if found.len() >= limit {
            break;
        }
        found.extend(of_shard(blobs, shard, after).await?);
    }
    found.truncate(limit);
    Ok(found)
}

async fn of_shard(blobs: &ObjectBlobs, shard: u8, after: Option<&BlobId>) -> Result<Vec<BlobInfo>, BlobError> {
    let folder = blobs.shard(&format!("{shard:02x}"));
    let listed: Vec<ObjectMeta> = blobs.objects.list(Some(&folder)).try_collect().await.map_err(other)?;
    let mut found: Vec<_> =
        listed.iter().filter_map(info).filter(|blob| after.is_none_or(|id| blob.id > *id)).collect();
    found.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(found)
}

fn info(object: &ObjectMeta) -> Option<BlobInfo> {
    let id = BlobId::parse(object.location.filename()?).ok()?;
    Some(BlobInfo { id, size: object.size, written: UnixMillis(object.last_modified.timestamp_millis()) })
}
