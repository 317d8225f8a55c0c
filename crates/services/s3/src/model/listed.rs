//! Configurations of which a bucket has several: what they must be.

use std::collections::BTreeSet;

use updraft_api_s3::types::{
    AnalyticsConfiguration, IntelligentTieringAccessTier, IntelligentTieringConfiguration, InventoryConfiguration,
    MetricsConfiguration,
};
use updraft_kernel::{Arn, AwsError};

use crate::errors::{id_mismatch, invalid_destination_bucket, invalid_id, malformed_xml};

/// # Errors
/// If it can't be.
pub(crate) fn inventory(id: &str, given: &InventoryConfiguration) -> Result<(), AwsError> {
    same(id, &given.id)?;
    destination(&given.destination.s3_bucket_destination.bucket)
}

/// # Errors
/// If it can't be.
pub(crate) fn analytics(id: &str, given: &AnalyticsConfiguration) -> Result<(), AwsError> {
    same(id, &given.id)?;
    let export = given.storage_class_analysis.data_export.as_ref();
    export.map_or(Ok(()), |export| destination(&export.destination.s3_bucket_destination.bucket))
}

/// # Errors
/// If it can't be.
pub(crate) fn metrics(id: &str, given: &MetricsConfiguration) -> Result<(), AwsError> {
    same(id, &given.id)
}

/// # Errors
/// If it can't be.
pub(crate) fn tiering(id: &str, given: &IntelligentTieringConfiguration) -> Result<(), AwsError> {
    same(id, &given.id)?;
    let mut tiers = BTreeSet::new();
    let legal = given.tierings.iter().all(|tiering| {
        let least = if tiering.access_tier == IntelligentTieringAccessTier::DeepArchiveAccess { 180 } else { 90 };
        (least..=730).contains(&tiering.days) && tiers.insert(&tiering.access_tier)
    });
    if legal && !given.tierings.is_empty() { Ok(()) } else { Err(malformed_xml()) }
}

fn same(id: &str, written: &str) -> Result<(), AwsError> {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if id != written {
        return Err(id_mismatch());
    }
    if id.is_empty() || id.len() > 64 || !id.chars().all(legal) { Err(invalid_id()) } else { Ok(()) }
}

fn destination(bucket: &str) -> Result<(), AwsError> {
    let arn = Arn::parse(bucket).ok().filter(|arn| arn.service == "s3");
    arn.map(drop).ok_or_else(invalid_destination_bucket)
}
