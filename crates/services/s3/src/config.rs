//! Configurations of buckets: documents of the API's own shapes, each a row of its own.
//!
//! A row holds JSON with the members' names of the model, so that members which AWS adds later need no new format. Which
//! kinds a bucket has is written in its own row too ([`Bucket::configured`]), in the same transaction.

use serde::{Deserialize, Serialize};
use updraft_kernel::AwsError;
use updraft_store::{Row, Tx};
use updraft_wire::model::Shape;
use updraft_wire::{FromValue, IntoValue, typed};

use crate::keys::{BucketKey, ConfigKey, Numbered};
use crate::model::bucket::Bucket;
use crate::table;

/// What is configured; the numbers are in keys, and never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    Tagging = 1,
    Policy = 2,
    Acl = 3,
    Cors = 4,
    Encryption = 5,
    Lifecycle = 6,
    Website = 7,
    Logging = 8,
    Notification = 9,
    Replication = 10,
    RequestPayment = 11,
    Accelerate = 12,
    ObjectLock = 13,
    PublicAccessBlock = 14,
    Inventory = 15,
    Analytics = 16,
    Metrics = 17,
    IntelligentTiering = 18,
    /// No configuration: some of its versions have rows beside them.
    Aside = 19,
    /// No configuration: objects in it are somebody else's than its owner's.
    Foreign = 20,
}

impl Kind {
    /// Its bit in [`Bucket::configured`].
    pub(crate) fn bit(self) -> u64 {
        1 << (self as u8)
    }
}

/// A configuration as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// JSON, but for policies, which are kept as they came.
    pub(crate) text: String,
}

impl Row for Kept {
    const VERSION: u8 = 1;
}

/// Puts a configuration of which a bucket has one, as a document of `shape`.
///
/// # Errors
/// If a row can't be encoded.
pub(crate) fn put<T: IntoValue>(
    tx: &mut Tx,
    bucket: &mut Bucket,
    (kind, shape): (Kind, &'static Shape),
    value: T,
) -> Result<(), AwsError> {
    put_text(tx, bucket, (kind, ""), typed::to_json(shape, &value.into_value()).to_string())
}

/// Puts a configuration as a text.
///
/// # Errors
/// If a row can't be encoded.
pub(crate) fn put_text(
    tx: &mut Tx,
    bucket: &mut Bucket,
    (kind, id): (Kind, &str),
    text: String,
) -> Result<(), AwsError> {
    tx.put_row(&ConfigKey { bucket: Numbered::of(bucket), kind, id }, &Kept { text })?;
    if !bucket.has(kind) {
        bucket.configured |= kind.bit();
        table::change_bucket(tx, bucket)?;
    }
    Ok(())
}

/// Says of a bucket that something is in it of which most have none.
///
/// # Errors
/// If the store fails.
pub(crate) async fn mark(tx: &mut Tx, bucket: &Bucket, kind: Kind) -> Result<(), AwsError> {
    if bucket.has(kind) {
        return Ok(());
    }
    // As this transaction has left it.
    let at = BucketKey { account: &bucket.account, name: &bucket.name };
    let mut now = tx.row(&at).await?.unwrap_or_else(|| bucket.clone());
    now.configured |= kind.bit();
    table::change_bucket(tx, &now)
}

/// The configuration, if the bucket has one.
///
/// # Errors
/// If the store fails.
pub(crate) async fn get<T: FromValue>(
    tx: &mut Tx,
    bucket: &Bucket,
    (kind, shape): (Kind, &'static Shape),
) -> Result<Option<T>, AwsError> {
    let text = get_text(tx, bucket, kind, "").await?;
    text.map(|text| read(shape, &text)).transpose()
}

/// The text of a configuration, if the bucket has one.
///
/// # Errors
/// If the store fails.
pub(crate) async fn get_text(tx: &mut Tx, bucket: &Bucket, kind: Kind, id: &str) -> Result<Option<String>, AwsError> {
    if !bucket.has(kind) {
        return Ok(None);
    }
    Ok(tx.row(&ConfigKey { bucket: Numbered::of(bucket), kind, id }).await?.map(|kept| kept.text))
}

/// Takes a configuration away of which a bucket has one. `false`: it had none.
///
/// # Errors
/// If the bucket's row can't be encoded.
pub(crate) fn remove(tx: &mut Tx, bucket: &mut Bucket, kind: Kind) -> Result<bool, AwsError> {
    if !bucket.has(kind) {
        return Ok(false);
    }
    tx.delete_row(&ConfigKey { bucket: Numbered::of(bucket), kind, id: "" });
    bucket.configured &= !kind.bit();
    table::change_bucket(tx, bucket)?;
    Ok(true)
}

/// A value of the shape from what was kept.
///
/// # Errors
/// If it isn't of the shape.
pub(crate) fn read<T: FromValue>(shape: &'static Shape, text: &str) -> Result<T, AwsError> {
    let document = serde_json::from_str(text).map_err(AwsError::internal)?;
    Ok(T::from_value(typed::from_json(shape, &document).map_err(AwsError::internal)?))
}
