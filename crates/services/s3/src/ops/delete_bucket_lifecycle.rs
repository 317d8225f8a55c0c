//! `DeleteBucketLifecycle`.

use updraft_api_s3::types::{DeleteBucketLifecycleInput, DeleteBucketLifecycleOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt as _;

use crate::config::{self, Kind};
use crate::lifecycle::end;
use crate::{S3, table};

pub(crate) async fn delete_bucket_lifecycle(
    svc: &S3,
    cx: &Ctx,
    input: DeleteBucketLifecycleInput,
) -> Result<DeleteBucketLifecycleOutput, AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let owner = input.expected_bucket_owner.as_deref();
    let mut bucket = table::bucket(&mut tx, cx, &input.bucket, owner).await?;
    if config::remove(&mut tx, &mut bucket, Kind::Lifecycle)? {
        end(svc, &mut tx, &bucket).await?;
        tx.commit().await?;
    }
    Ok(DeleteBucketLifecycleOutput {})
}
