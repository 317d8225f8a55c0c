//! Taking objects away, or saying that they are gone.

use updraft_blob::BlobId;
use updraft_kernel::{AwsError, Ctx};
use updraft_store::Tx;

use super::conditions::OfDelete;
use super::lock::locked;
use super::table::{self, Found, New};
use super::version_id::VersionId;
use crate::model::bucket::{Bucket, Versioning};
use crate::notify::{self, Change, Happening};
use crate::{S3, replication};

/// What a deletion came to.
#[derive(Debug, Default)]
pub(crate) struct Deleted {
    /// The version that was deleted, or the marker that was made.
    pub(crate) version: Option<String>,
    /// A marker was made, or deleted.
    pub(crate) marker: bool,
    /// Blobs that nobody names any more once this commits.
    pub(crate) gone: Vec<BlobId>,
}

/// What is to be deleted, and under which terms.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Doomed<'a> {
    pub(crate) key: &'a str,
    pub(crate) version: Option<&'a str>,
    pub(crate) condition: OfDelete<'a>,
    /// Governance doesn't protect it.
    pub(crate) bypass: bool,
}

/// Deletes a version, or without one what the key stands for now.
///
/// # Errors
/// If the id of the version is none, it is locked, or the condition doesn't hold.
pub(crate) async fn delete(
    svc: &S3,
    cx: &Ctx,
    (tx, bucket): (&mut Tx, &Bucket),
    doomed: Doomed<'_>,
    id: VersionId,
) -> Result<Deleted, AwsError> {
    let key = doomed.key;
    if doomed.condition.any() {
        // AWS: it is always the newest version that is looked at.
        doomed.condition.check(key, table::latest(tx, bucket, key).await?.as_ref())?;
    }
    match doomed.version.filter(|version| !version.is_empty()) {
        Some(version) => delete_version(svc, cx, (tx, bucket), (key, version), doomed.bypass).await,
        None if bucket.versioning == Versioning::Never => delete_for_good(svc, cx, (tx, bucket), key).await,
        None => mark(svc, cx, (tx, bucket), key, id).await,
    }
}

async fn delete_for_good(svc: &S3, cx: &Ctx, (tx, bucket): (&mut Tx, &Bucket), key: &str) -> Result<Deleted, AwsError> {
    let mut deleted = Deleted::default();
    if let Some(found) = table::latest(tx, bucket, key).await? {
        take(svc, cx, (tx, bucket), (key, &found), &mut deleted).await?;
    }
    Ok(deleted)
}

/// AWS: a version that isn't there was deleted, too.
async fn delete_version(
    svc: &S3,
    cx: &Ctx,
    (tx, bucket): (&mut Tx, &Bucket),
    (key, version): (&str, &str),
    bypass: bool,
) -> Result<Deleted, AwsError> {
    let mut deleted = Deleted { version: Some(version.to_owned()), ..Deleted::default() };
    if let Some(found) = table::by_id(tx, bucket, key, version).await? {
        deleted.marker = found.version.is_marker();
        if found.is_locked(cx.now(), bypass) {
            return Err(locked());
        }
        take(svc, cx, (tx, bucket), (key, &found), &mut deleted).await?;
    }
    Ok(deleted)
}

async fn take(
    svc: &S3,
    cx: &Ctx,
    (tx, bucket): (&mut Tx, &Bucket),
    (key, found): (&str, &Found),
    deleted: &mut Deleted,
) -> Result<(), AwsError> {
    table::remove(svc, tx, bucket, (key, found), &mut deleted.gone).await?;
    let version = (bucket.versioning != Versioning::Never).then(|| found.id());
    tell(svc, cx, (tx, bucket), (key, version.as_deref(), Happening::RemovedDelete), found).await
}

/// Says that the key stands for nothing any more; the versions stay.
async fn mark(
    svc: &S3,
    cx: &Ctx,
    (tx, bucket): (&mut Tx, &Bucket),
    key: &str,
    id: VersionId,
) -> Result<Deleted, AwsError> {
    let latest = table::latest(tx, bucket, key).await?;
    let new = New { id, at: cx.now(), inline: None, object: None };
    let placed = table::place(svc, tx, bucket, (key, latest.as_ref()), new).await?;
    let version = placed.id(bucket);
    let marker = Found { order: placed.order, version: placed.version };
    let what = Happening::RemovedDeleteMarkerCreated;
    tell(svc, cx, (tx, bucket), (key, version.as_deref(), what), &marker).await?;
    replication::changed(svc, cx, (tx, bucket), (key, marker.order, &marker.version)).await?;
    Ok(Deleted { version, marker: true, gone: placed.gone })
}

async fn tell(
    svc: &S3,
    cx: &Ctx,
    (tx, bucket): (&mut Tx, &Bucket),
    (key, version, what): (&str, Option<&str>, Happening),
    found: &Found,
) -> Result<(), AwsError> {
    let sequencer = match what {
        Happening::RemovedDelete => table::sequencer(Some(found), cx.now()),
        _ => found.version.sequencer,
    };
    let change = Change { what, key, version, size: None, etag: None, sequencer };
    notify::happened(svc, cx, tx, bucket, &change).await
}
