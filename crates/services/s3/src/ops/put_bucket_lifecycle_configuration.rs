//! `PutBucketLifecycleConfiguration`: instead of all rules that were there.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{
    PutBucketLifecycleConfigurationInput, PutBucketLifecycleConfigurationOutput, TransitionDefaultMinimumObjectSize,
};
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::StoreExt;

use crate::config::{self, Kind};
use crate::errors::{invalid_request, malformed_xml};
use crate::lifecycle::{SIZE, begin};
use crate::model::lifecycle;
use crate::{S3, table};

pub(crate) async fn put_bucket_lifecycle_configuration(
    svc: &S3,
    cx: &Ctx,
    input: PutBucketLifecycleConfigurationInput,
) -> Result<PutBucketLifecycleConfigurationOutput, AwsError> {
    let size = input.transition_default_minimum_object_size;
    let size = size.unwrap_or(TransitionDefaultMinimumObjectSize::AllStorageClasses128K);
    if let TransitionDefaultMinimumObjectSize::Unknown(given) = &size {
        return Err(invalid_request(format!("Invalid TransitionDefaultMinimumObjectSize found: {given}")));
    }
    let mut configuration = input.lifecycle_configuration.ok_or_else(malformed_xml)?;
    lifecycle::check(&configuration)?;
    for rule in &mut configuration.rules {
        rule.id.get_or_insert_with(|| cx.rng.uuid());
    }
    let mut tx = svc.parts.store.write().await?;
    let owner = input.expected_bucket_owner.as_deref();
    let mut bucket = table::bucket(&mut tx, cx, &input.bucket, owner).await?;
    let what = (Kind::Lifecycle, &shapes::BucketLifecycleConfiguration);
    config::put(&mut tx, &mut bucket, what, configuration)?;
    config::put_text(&mut tx, &mut bucket, (Kind::Lifecycle, SIZE), size.as_str().to_owned())?;
    begin(svc, &mut tx, &bucket).await?;
    tx.commit().await?;
    Ok(PutBucketLifecycleConfigurationOutput { transition_default_minimum_object_size: Some(size) })
}
