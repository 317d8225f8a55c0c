//! `PutBucketVersioning`: a bucket that was versioned can't be as if it never had been.

use updraft_api_s3::types::{
    BucketVersioningStatus, MFADelete, PutBucketVersioningInput, PutBucketVersioningOutput, VersioningConfiguration,
};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::{invalid_bucket_state, malformed_xml, mfa_needed, versioning_unspecified};
use crate::model::bucket::Versioning;
use crate::{S3, table};

pub(crate) async fn put_bucket_versioning(
    svc: &S3,
    cx: &Ctx,
    input: PutBucketVersioningInput,
) -> Result<PutBucketVersioningOutput, AwsError> {
    let versioning = asked(&input.versioning_configuration)?;
    let mut tx = svc.parts.store.write().await?;
    let mut bucket = table::bucket(&mut tx, cx, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
    if bucket.object_lock && versioning != Versioning::Enabled {
        return Err(invalid_bucket_state(
            "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.",
        ));
    }
    if bucket.versioning != versioning {
        bucket.versioning = versioning;
        table::change_bucket(&mut tx, &bucket)?;
        tx.commit().await?;
    }
    Ok(PutBucketVersioningOutput {})
}

fn asked(given: &VersioningConfiguration) -> Result<Versioning, AwsError> {
    if given.mfa_delete == Some(MFADelete::Enabled) {
        return Err(mfa_needed());
    }
    match &given.status {
        Some(BucketVersioningStatus::Enabled) => Ok(Versioning::Enabled),
        Some(BucketVersioningStatus::Suspended) => Ok(Versioning::Suspended),
        Some(BucketVersioningStatus::Unknown(_)) => Err(malformed_xml()),
        None => Err(versioning_unspecified()),
    }
}
