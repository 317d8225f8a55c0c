//! `GetBucketReplication`.

use updraft_api_s3::shapes;
use updraft_api_s3::types::{GetBucketReplicationInput, GetBucketReplicationOutput, ReplicationConfiguration};
use updraft_kernel::{AwsError, Ctx};

use super::configured::get;
use crate::config::Kind;
use crate::errors::not_configured;
use crate::{S3, codes};

pub(crate) async fn get_bucket_replication(
    svc: &S3,
    cx: &Ctx,
    input: GetBucketReplicationInput,
) -> Result<GetBucketReplicationOutput, AwsError> {
    let whose = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
    let (bucket, found) =
        get::<ReplicationConfiguration>(svc, cx, whose, (Kind::Replication, &shapes::ReplicationConfiguration)).await?;
    let missing = || {
        not_configured(
            &codes::REPLICATION_CONFIGURATION_NOT_FOUND,
            "The replication configuration was not found",
            &bucket.name,
        )
    };
    Ok(GetBucketReplicationOutput { replication_configuration: Some(found.ok_or_else(missing)?) })
}
