//! `DeleteBucket`: takes away a bucket that holds nothing; uploads in parts that nobody completed go with it.

use updraft_api_s3::types::{DeleteBucketInput, DeleteBucketOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::not_empty;
use crate::keys::{BucketKey, NameKey, Numbered};
use crate::model::bucket::Versioning;
use crate::{S3, background, table};

pub(crate) async fn delete_bucket(
    svc: &S3,
    cx: &Ctx,
    input: DeleteBucketInput,
) -> Result<DeleteBucketOutput, AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let bucket = table::bucket(&mut tx, cx, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
    let numbered = Numbered::of(&bucket);
    if !table::is_empty(&mut tx, numbered.objects()).await? {
        return Err(not_empty(&bucket.name, bucket.versioning != Versioning::Never));
    }
    tx.delete_row(&NameKey(&bucket.name));
    tx.delete_row(&BucketKey { account: &bucket.account, name: &bucket.name });
    background::clear_later(svc, &mut tx, numbered).await?;
    tx.commit().await?;
    Ok(DeleteBucketOutput {})
}
