//! `PutBucketLogging`: what is asked of the bucket is logged from then on.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{LoggingEnabled, PutBucketLoggingInput, PutBucketLoggingOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::{StoreExt, Tx};

use crate::config::{self, Kind};
use crate::errors::invalid_logging_target;
use crate::model::bucket::Bucket;
use crate::{S3, table};

pub(crate) async fn put_bucket_logging(
    svc: &S3,
    cx: &Ctx,
    input: PutBucketLoggingInput,
) -> Result<PutBucketLoggingOutput, AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let owner = input.expected_bucket_owner.as_deref();
    let mut bucket = table::bucket(&mut tx, cx, &input.bucket, owner).await?;
    match input.bucket_logging_status.logging_enabled {
        None => drop(config::remove(&mut tx, &mut bucket, Kind::Logging)?),
        Some(logging) => {
            check(&mut tx, &bucket, &logging).await?;
            config::put(&mut tx, &mut bucket, (Kind::Logging, &shapes::LoggingEnabled), logging)?;
        }
    }
    tx.commit().await?;
    svc.unlogged.begins(&bucket.name);
    Ok(PutBucketLoggingOutput {})
}

async fn check(tx: &mut Tx, bucket: &Bucket, logging: &LoggingEnabled) -> Result<(), AwsError> {
    let name = &logging.target_bucket;
    let missing = || invalid_logging_target("The target bucket for logging does not exist", name);
    let target = table::named(tx, name).await?.ok_or_else(missing)?;
    if target.account != bucket.account {
        let message = "The owner for the bucket to be logged and the target bucket must be the same.";
        return Err(invalid_logging_target(message, name));
    }
    if target.region != bucket.region {
        let message = "The source bucket and the target bucket must be in the same region.";
        return Err(invalid_logging_target(message, name));
    }
    Ok(())
}
