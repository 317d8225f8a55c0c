//! `PutObjectLockConfiguration`: from then on objects of the bucket can be locked, and it stays versioned.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{
    ObjectLockConfiguration, ObjectLockEnabled, PutObjectLockConfigurationInput, PutObjectLockConfigurationOutput,
};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::config::{self, Kind};
use crate::errors::{invalid_bucket_state, invalid_retention, malformed_xml};
use crate::model::bucket::Versioning;
use crate::{S3, table};

pub(crate) async fn put_object_lock_configuration(
    svc: &S3,
    cx: &Ctx,
    input: PutObjectLockConfigurationInput,
) -> Result<PutObjectLockConfigurationOutput, AwsError> {
    let configuration = input.object_lock_configuration.ok_or_else(malformed_xml)?;
    check(&configuration)?;
    let mut tx = svc.parts.store.write().await?;
    let owner = input.expected_bucket_owner.as_deref();
    let mut bucket = table::bucket(&mut tx, cx, &input.bucket, owner).await?;
    if bucket.versioning != Versioning::Enabled {
        let message = "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration";
        return Err(invalid_bucket_state(message));
    }
    bucket.object_lock = true;
    table::change_bucket(&mut tx, &bucket)?;
    let what = (Kind::ObjectLock, &shapes::ObjectLockConfiguration);
    config::put(&mut tx, &mut bucket, what, configuration)?;
    tx.commit().await?;
    Ok(PutObjectLockConfigurationOutput { request_charged: None })
}

fn check(given: &ObjectLockConfiguration) -> Result<(), AwsError> {
    if given.object_lock_enabled != Some(ObjectLockEnabled::Enabled) {
        return Err(malformed_xml());
    }
    let Some(rule) = &given.rule else { return Ok(()) };
    let retention = rule.default_retention.as_ref().ok_or_else(malformed_xml)?;
    if retention.mode.is_none() || retention.days.is_some() == retention.years.is_some() {
        return Err(malformed_xml());
    }
    let least = retention.days.or(retention.years).unwrap_or_default();
    if least <= 0 {
        return Err(invalid_retention("Default retention period must be a positive integer value."));
    }
    if retention.days.is_some_and(|days| days > 36_500) || retention.years.is_some_and(|years| years > 100) {
        return Err(invalid_retention("Default retention period too large."));
    }
    Ok(())
}
