//! `PutBucketReplication`: what comes from now on goes to other buckets, too.

use std::collections::BTreeSet;

use updraft_api_s3::shapes;
use updraft_api_s3::types::{PutBucketReplicationInput, PutBucketReplicationOutput, ReplicationConfiguration};
use updraft_kernel::{Arn, AwsError, Ctx, RngExt};
use updraft_store::{StoreExt, Tx};

use crate::config::{self, Kind};
use crate::errors::{invalid_argument, invalid_request, malformed_xml};
use crate::model::bucket::{Bucket, Versioning};
use crate::{S3, table};

/// AWS: no more of them.
const MOST: usize = 1000;

pub(crate) async fn put_bucket_replication(
    svc: &S3,
    cx: &Ctx,
    input: PutBucketReplicationInput,
) -> Result<PutBucketReplicationOutput, AwsError> {
    let mut configuration = input.replication_configuration;
    check(&configuration)?;
    for rule in &mut configuration.rules {
        rule.id.get_or_insert_with(|| cx.rng.uuid());
    }
    let mut tx = svc.parts.store.write().await?;
    let owner = input.expected_bucket_owner.as_deref();
    let mut bucket = table::bucket(&mut tx, cx, &input.bucket, owner).await?;
    check_buckets(&mut tx, &bucket, &configuration).await?;
    let what = (Kind::Replication, &shapes::ReplicationConfiguration);
    config::put(&mut tx, &mut bucket, what, configuration)?;
    tx.commit().await?;
    Ok(PutBucketReplicationOutput {})
}

fn check(given: &ReplicationConfiguration) -> Result<(), AwsError> {
    let ids: Vec<_> = given.rules.iter().filter_map(|rule| rule.id.as_deref()).collect();
    let priorities: Vec<_> = given.rules.iter().filter_map(|rule| rule.priority).collect();
    if given.rules.is_empty() || given.rules.len() > MOST || ids.iter().any(|id| id.chars().count() > 255) {
        return Err(malformed_xml());
    }
    if ids.iter().collect::<BTreeSet<_>>().len() < ids.len() {
        return Err(invalid_argument("ID", "Rule Id must be unique"));
    }
    if priorities.iter().collect::<BTreeSet<_>>().len() < priorities.len() {
        return Err(invalid_request("Found duplicate priorities in the replication configuration"));
    }
    Ok(())
}

async fn check_buckets(tx: &mut Tx, bucket: &Bucket, given: &ReplicationConfiguration) -> Result<(), AwsError> {
    if bucket.versioning != Versioning::Enabled {
        let message = "Versioning must be 'Enabled' on the bucket to apply a replication configuration";
        return Err(invalid_request(message));
    }
    for rule in &given.rules {
        let target = &rule.destination.bucket;
        let name = Arn::parse(target).ok().filter(|arn| arn.service == "s3").map(|arn| arn.resource);
        let name = name.ok_or_else(|| invalid_argument("Destination", "Invalid bucket ARN."))?;
        match table::named(tx, &name).await? {
            None => return Err(invalid_request("Destination bucket must exist.")),
            Some(found) if found.versioning != Versioning::Enabled => {
                return Err(invalid_request("Destination bucket must have versioning enabled."));
            }
            Some(_) => {}
        }
    }
    Ok(())
}
