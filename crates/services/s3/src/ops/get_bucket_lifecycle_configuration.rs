//! `GetBucketLifecycleConfiguration`.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{
    BucketLifecycleConfiguration, GetBucketLifecycleConfigurationInput, GetBucketLifecycleConfigurationOutput,
};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::config::{self, Kind};
use crate::errors::not_configured;
use crate::lifecycle::SIZE;
use crate::{S3, codes, table};

pub(crate) async fn get_bucket_lifecycle_configuration(
    svc: &S3,
    cx: &Ctx,
    input: GetBucketLifecycleConfigurationInput,
) -> Result<GetBucketLifecycleConfigurationOutput, AwsError> {
    let mut tx = svc.parts.store.read().await?;
    let bucket = table::bucket(&mut tx, cx, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
    let what = (Kind::Lifecycle, &shapes::BucketLifecycleConfiguration);
    let found = config::get::<BucketLifecycleConfiguration>(&mut tx, &bucket, what).await?;
    let missing = || {
        let message = "The lifecycle configuration does not exist";
        not_configured(&codes::NO_SUCH_LIFECYCLE_CONFIGURATION, message, &bucket.name)
    };
    let rules = Some(found.ok_or_else(missing)?.rules);
    let size = config::get_text(&mut tx, &bucket, Kind::Lifecycle, SIZE).await?;
    let transition_default_minimum_object_size = size.map(Into::into);
    Ok(GetBucketLifecycleConfigurationOutput { rules, transition_default_minimum_object_size })
}
