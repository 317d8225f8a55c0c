//! `GetObjectLockConfiguration`: a bucket made to be locked has one from the beginning.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{
    GetObjectLockConfigurationInput, GetObjectLockConfigurationOutput, ObjectLockConfiguration, ObjectLockEnabled,
};
use updraft_kernel::{AwsError, Ctx};

use super::configured::get;
use crate::config::Kind;
use crate::errors::not_configured;
use crate::{S3, codes};

pub(crate) async fn get_object_lock_configuration(
    svc: &S3,
    cx: &Ctx,
    input: GetObjectLockConfigurationInput,
) -> Result<GetObjectLockConfigurationOutput, AwsError> {
    let whose = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
    let (bucket, found) =
        get::<ObjectLockConfiguration>(svc, cx, whose, (Kind::ObjectLock, &shapes::ObjectLockConfiguration)).await?;
    let missing = || {
        not_configured(
            &codes::OBJECT_LOCK_CONFIGURATION_NOT_FOUND,
            "Object Lock configuration does not exist for this bucket",
            &bucket.name,
        )
    };
    let enabled = || ObjectLockConfiguration { object_lock_enabled: Some(ObjectLockEnabled::Enabled), rule: None };
    let found = found.or_else(|| bucket.object_lock.then(enabled)).ok_or_else(missing)?;
    Ok(GetObjectLockConfigurationOutput { object_lock_configuration: Some(found) })
}
