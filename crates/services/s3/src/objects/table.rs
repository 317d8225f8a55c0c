//! Versions of objects in a transaction.

use bytes::Bytes;
use updraft_blob::BlobId;
use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::{Key as _, KeyRange, ScanOptions, Tx};

use super::aside;
use super::errors::no_such_version;
use super::keys::{BlobKey, InlineKey, PartKey, version_of};
use super::row::{Body, Named, NamedBy, Object, Part, Version};
use super::version_id::{Asked, VersionId};
use crate::S3;
use crate::background::forget_later;
use crate::config::Kind;
use crate::errors::invalid_value;
use crate::keys::{Numbered, ObjectVersionKey};
use crate::model::bucket::{Bucket, Versioning};
use crate::objects::row;

/// A version, and where among those of its key it lies.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) order: u64,
    pub(crate) version: Version,
}

impl Found {
    pub(crate) fn id(&self) -> String {
        self.version.id.text(self.order)
    }

    /// Whether it must not be deleted. `bypass`: governance doesn't count.
    pub(crate) fn is_locked(&self, now: UnixMillis, bypass: bool) -> bool {
        self.version.object.as_ref().is_some_and(|object| object.lock.protects(now, bypass))
    }
}

/// All versions of a key, the newest first.
pub(crate) fn versions(bucket: Numbered<'_>, key: &str) -> KeyRange {
    bucket.versions(key).prefix_range()
}

/// The newest version of a key, which may be a marker.
///
/// # Errors
/// If the store fails.
pub(crate) async fn latest(tx: &mut Tx, bucket: &Bucket, key: &str) -> Result<Option<Found>, AwsError> {
    let numbered = Numbered::of(bucket);
    if bucket.versioning == Versioning::Never {
        // There is one version at most, at a place that is known.
        let version = tx.row(&ObjectVersionKey { bucket: numbered, key, version: 0 }).await?;
        return Ok(version.map(|version| Found { order: 0, version }));
    }
    first(tx, versions(numbered, key)).await
}

async fn first(tx: &mut Tx, range: KeyRange) -> Result<Option<Found>, AwsError> {
    let page = tx.rows::<ObjectVersionKey<'_>>(range, ScanOptions::limit(1)).await?;
    let Some((key, version)) = page.rows.into_iter().next() else { return Ok(None) };
    Ok(Some(Found { order: version_of(&key)?.1, version }))
}

/// The version without an id, of which a key has one at most.
async fn null(tx: &mut Tx, bucket: &Bucket, key: &str) -> Result<Option<Found>, AwsError> {
    of_id(tx, bucket, key, VersionId::Null).await
}

/// Of those whose ids don't say where they lie.
async fn of_id(tx: &mut Tx, bucket: &Bucket, key: &str, id: VersionId) -> Result<Option<Found>, AwsError> {
    let mut range = Some(versions(Numbered::of(bucket), key));
    while let Some(rest) = range.take() {
        let page = tx.rows::<ObjectVersionKey<'_>>(rest.clone(), ScanOptions::default()).await?;
        range = page.resume().map(|last| rest.after(last));
        for (at, version) in page.rows {
            if version.id == id {
                return Ok(Some(Found { order: version_of(&at)?.1, version }));
            }
        }
    }
    Ok(None)
}

/// The version of that id, if it is there.
///
/// # Errors
/// If it is no id.
pub(crate) async fn by_id(tx: &mut Tx, bucket: &Bucket, key: &str, id: &str) -> Result<Option<Found>, AwsError> {
    let asked = Asked::parse(id).ok_or_else(|| invalid_value("versionId", id, "Invalid version id specified"))?;
    let (order, chance) = match asked {
        Asked::Null => return null(tx, bucket, key).await,
        Asked::At { order, chance } => (order, chance),
    };
    let found = tx.row(&ObjectVersionKey { bucket: Numbered::of(bucket), key, version: order }).await?;
    match found.filter(|version| version.id == VersionId::Chance(chance)) {
        None if bucket.has(Kind::Aside) => of_id(tx, bucket, key, VersionId::Foreign { order, chance }).await,
        found => Ok(found.map(|version| Found { order, version })),
    }
}

/// The version that is asked for, or the newest.
///
/// # Errors
/// If there is none of that id.
pub(crate) async fn find(tx: &mut Tx, bucket: &Bucket, key: &str, id: Option<&str>) -> Result<Option<Found>, AwsError> {
    let Some(id) = id.filter(|id| !id.is_empty()) else { return latest(tx, bucket, key).await };
    let found = by_id(tx, bucket, key, id).await?;
    found.map(Some).ok_or_else(|| no_such_version(key, id))
}

/// What becomes of a version: where it lies, and what its place was taken from.
#[derive(Debug)]
pub(crate) struct Placed {
    pub(crate) order: u64,
    pub(crate) version: Version,
    /// Blobs that nobody names any more once this commits.
    pub(crate) gone: Vec<BlobId>,
}

impl Placed {
    /// As answers have it: where versions have ids.
    pub(crate) fn id(&self, bucket: &Bucket) -> Option<String> {
        (bucket.versioning != Versioning::Never).then(|| self.version.id.text(self.order))
    }
}

/// Something new for a key: an object, or a marker.
#[derive(Debug)]
pub(crate) struct New {
    /// What it is called where the bucket is versioned.
    pub(crate) id: VersionId,
    pub(crate) at: UnixMillis,
    /// Bytes to be kept beside it.
    pub(crate) inline: Option<Bytes>,
    pub(crate) object: Option<Object>,
}

/// Makes something the newest version of a key. `latest` is what was the newest.
///
/// # Errors
/// If the store fails.
pub(crate) async fn place(
    svc: &S3,
    tx: &mut Tx,
    bucket: &Bucket,
    (key, latest): (&str, Option<&Found>),
    new: New,
) -> Result<Placed, AwsError> {
    let mut gone = Vec::new();
    let next = latest.map_or(1, |latest| latest.order + 1);
    let (id, order) = match bucket.versioning {
        Versioning::Enabled => (new.id, next),
        Versioning::Never => (VersionId::Null, 0),
        Versioning::Suspended => (VersionId::Null, next),
    };
    let replaced = match bucket.versioning {
        Versioning::Enabled => None,
        Versioning::Never => latest.cloned(),
        Versioning::Suspended => null(tx, bucket, key).await?,
    };
    if let Some(replaced) = replaced {
        remove(svc, tx, bucket, (key, &replaced), &mut gone).await?;
    }
    let version = Version { id, sequencer: sequencer(latest, new.at), at: new.at, object: new.object };
    let at = ObjectVersionKey { bucket: Numbered::of(bucket), key, version: order };
    write(tx, at, &version, new.inline)?;
    Ok(Placed { order, version, gone })
}

/// Of events: clients compare them as text of one length.
pub(crate) fn sequencer(latest: Option<&Found>, at: UnixMillis) -> u64 {
    let by_time = u64::try_from(at.0).unwrap_or(0) << 16;
    latest.map_or(by_time, |latest| by_time.max(latest.version.sequencer + 1))
}

/// Writes a version and what names its bytes.
///
/// # Errors
/// If a row can't be encoded.
pub(crate) fn write(
    tx: &mut Tx,
    at: ObjectVersionKey<'_>,
    version: &Version,
    inline: Option<Bytes>,
) -> Result<(), AwsError> {
    tx.put_row(&at, version)?;
    if let Some(bytes) = inline.filter(|bytes| !bytes.is_empty()) {
        tx.put_row(&InlineKey(at), &row::Bytes { bytes })?;
    }
    if let Some(Body::Blob(blob)) = version.object.as_ref().map(|object| &object.body) {
        let what = NamedBy::Version { key: at.key.to_owned(), order: at.version };
        tx.put_row(&BlobKey(blob), &named(at.bucket, what))?;
    }
    Ok(())
}

pub(crate) fn named(bucket: Numbered<'_>, what: NamedBy) -> Named {
    Named { account: bucket.account.as_str().to_owned(), number: bucket.number, what }
}

/// Changes what is said of a version; its bytes stay.
///
/// # Errors
/// If the row can't be encoded.
pub(crate) fn change(tx: &mut Tx, bucket: &Bucket, key: &str, found: &Found) -> Result<(), AwsError> {
    let at = ObjectVersionKey { bucket: Numbered::of(bucket), key, version: found.order };
    Ok(tx.put_row(&at, &found.version)?)
}

/// Takes a version away with all that it is made of; parts go when nobody reads them any more.
///
/// # Errors
/// If the store fails.
pub(crate) async fn remove(
    svc: &S3,
    tx: &mut Tx,
    bucket: &Bucket,
    (key, found): (&str, &Found),
    gone: &mut Vec<BlobId>,
) -> Result<(), AwsError> {
    let numbered = Numbered::of(bucket);
    let at = ObjectVersionKey { bucket: numbered, key, version: found.order };
    tx.delete_row(&at);
    aside::remove(tx, bucket, (key, found.order));
    let Some(object) = &found.version.object else { return Ok(()) };
    match &object.body {
        Body::Inline if object.size > 0 => tx.delete_row(&InlineKey(at)),
        Body::Inline => {}
        Body::Blob(blob) => unname(tx, blob, gone)?,
        Body::Parts(parts) => forget_later(svc, tx, numbered, &parts.upload).await?,
    }
    Ok(())
}

/// Takes all parts of an upload away that nobody can read.
///
/// # Errors
/// If the store fails.
pub(crate) async fn remove_parts(
    tx: &mut Tx,
    bucket: Numbered<'_>,
    upload: &str,
    gone: &mut Vec<BlobId>,
) -> Result<(), AwsError> {
    for (number, part) in parts(tx, PartKey { bucket, upload, number: 0 }).await? {
        tx.delete_row(&PartKey { bucket, upload, number });
        unname(tx, &part.blob, gone)?;
    }
    Ok(())
}

/// Says that a blob is nobody's any more.
///
/// # Errors
/// If it is no blob's id.
pub(crate) fn unname(tx: &mut Tx, blob: &str, gone: &mut Vec<BlobId>) -> Result<(), AwsError> {
    tx.delete_row(&BlobKey(blob));
    gone.push(BlobId::parse(blob).map_err(AwsError::internal)?);
    Ok(())
}

/// The parts of an upload by number, from one on: 10,000 at most.
///
/// # Errors
/// If the store fails.
pub(crate) async fn parts(tx: &mut Tx, from: PartKey<'_>) -> Result<Vec<(u32, Part)>, AwsError> {
    let (mut all, mut range) = (Vec::new(), Some(from.from()));
    while let Some(rest) = range.take() {
        let page = tx.rows::<PartKey<'_>>(rest.clone(), ScanOptions::default()).await?;
        range = page.resume().map(|last| rest.after(last));
        for (key, part) in page.rows {
            all.push((super::keys::number_of(&key)?, part));
        }
    }
    Ok(all)
}

/// Whether a row names this blob.
///
/// # Errors
/// If the store fails.
pub(crate) async fn names(tx: &mut Tx, blob: &BlobId) -> Result<bool, AwsError> {
    let Some(named) = tx.row(&BlobKey(blob.as_str())).await? else { return Ok(false) };
    // A bucket or account that was cleared leaves what its blobs were named by.
    let account = updraft_kernel::AccountId::parse(&named.account).map_err(AwsError::internal)?;
    let bucket = Numbered { account: &account, number: named.number };
    Ok(match &named.what {
        NamedBy::Version { key, order } => {
            let version = tx.row(&ObjectVersionKey { bucket, key, version: *order }).await?;
            let body = version.and_then(|version| version.object).map(|object| object.body);
            body == Some(Body::Blob(blob.as_str().to_owned()))
        }
        NamedBy::Part { upload, number } => {
            let part = tx.row(&PartKey { bucket, upload, number: *number }).await?;
            part.is_some_and(|part| part.blob == blob.as_str())
        }
    })
}

/// The bytes of a small version.
///
/// # Errors
/// If they aren't there.
pub(crate) async fn inline(tx: &mut Tx, at: ObjectVersionKey<'_>) -> Result<Bytes, AwsError> {
    let row = tx.row(&InlineKey(at)).await?;
    row.map(|row| row.bytes).ok_or_else(|| AwsError::internal(format!("no bytes at {:?}", at.encode())))
}
