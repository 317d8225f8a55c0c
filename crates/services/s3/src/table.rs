//! Typed reads and writes over a transaction.

use updraft_kernel::{AccountId, AwsError, Ctx};
use updraft_store::{KeyRange, ScanOptions, Tx};

use crate::errors::{access_denied, invalid_bucket_name, invalid_bucket_owner, no_such_bucket};
use crate::keys::{BucketKey, NameKey, Owner};
use crate::model::bucket::Bucket;
use crate::model::name::is_legal;

/// The bucket of that name, whoever owns it.
///
/// # Errors
/// If the store fails.
pub(crate) async fn named(tx: &mut Tx, name: &str) -> Result<Option<Bucket>, AwsError> {
    let Some(Owner { account }) = tx.row(&NameKey(name)).await? else { return Ok(None) };
    // An account that was emptied leaves the names of its buckets.
    Ok(tx.row(&BucketKey { account: &account, name }).await?)
}

/// The same, looked for among those of an account first: a bucket that is there has its name, so that there is one row to
/// read for most requests, which come from its owner.
///
/// # Errors
/// If the store fails.
pub(crate) async fn near(tx: &mut Tx, account: &AccountId, name: &str) -> Result<Option<Bucket>, AwsError> {
    match tx.row(&BucketKey { account, name }).await? {
        Some(bucket) => Ok(Some(bucket)),
        None => named(tx, name).await,
    }
}

/// That there is no bucket of that name, or that none could be.
pub(crate) fn missing(name: &str) -> AwsError {
    if is_legal(name) { no_such_bucket(name) } else { invalid_bucket_name(name) }
}

/// The bucket that a request is for. `expected`: who its owner is, where the request says so.
///
/// # Errors
/// If there is none, or the caller may not use it.
pub(crate) async fn bucket(tx: &mut Tx, cx: &Ctx, name: &str, expected: Option<&str>) -> Result<Bucket, AwsError> {
    let bucket = expected_of(near(tx, &cx.account, name).await?, name, expected)?;
    if bucket.account == cx.account { Ok(bucket) } else { Err(access_denied()) }
}

/// The same whoever owns it: of the source of a copy, which the guard has been asked for.
///
/// # Errors
/// If there is none, or its owner is another than is expected.
pub(crate) async fn bucket_of_anybody(tx: &mut Tx, name: &str, expected: Option<&str>) -> Result<Bucket, AwsError> {
    expected_of(named(tx, name).await?, name, expected)
}

fn expected_of(found: Option<Bucket>, name: &str, expected: Option<&str>) -> Result<Bucket, AwsError> {
    if let Some(given) = expected
        && !(given.len() == 12 && given.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return Err(invalid_bucket_owner(given));
    }
    let bucket = found.ok_or_else(|| missing(name))?;
    if expected.is_some_and(|given| given != bucket.account.as_str()) {
        return Err(access_denied());
    }
    Ok(bucket)
}

/// Writes a bucket that is there or new, and that its name is its owner's.
///
/// # Errors
/// If a row can't be encoded.
pub(crate) fn put_bucket(tx: &mut Tx, bucket: &Bucket) -> Result<(), AwsError> {
    let Bucket { account, name, .. } = bucket;
    tx.put_row(&NameKey(name), &Owner { account: account.clone() })?;
    Ok(tx.put_row(&BucketKey { account, name }, bucket)?)
}

/// Writes a bucket that is there.
///
/// # Errors
/// If the row can't be encoded.
pub(crate) fn change_bucket(tx: &mut Tx, bucket: &Bucket) -> Result<(), AwsError> {
    Ok(tx.put_row(&BucketKey { account: &bucket.account, name: &bucket.name }, bucket)?)
}

/// Whether nothing lies there.
///
/// # Errors
/// If the store fails.
pub(crate) async fn is_empty(tx: &mut Tx, range: KeyRange) -> Result<bool, AwsError> {
    Ok(tx.raw().scan(range, ScanOptions::limit(1)).await?.rows.is_empty())
}
