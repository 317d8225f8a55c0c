//! Putting an object in its place, once its bytes are down.

use std::time::Duration;

use bytes::Bytes;
use updraft_blob::BlobId;
use updraft_kernel::{AwsError, Ctx, RngExt as _};
use updraft_store::{StoreExt as _, Tx};

use super::acl;
use super::conditions::OfWrite;
use super::errors::conditional_conflict;
use super::row::{Body, Object};
use super::table::{New, Placed, latest, place};
use super::version_id::VersionId;
use crate::model::bucket::Bucket;
use crate::notify::{Change, Happening};
use crate::{S3, notify, replication, table};

/// How often a commit is tried again that lost against another.
const ATTEMPTS: u32 = 64;
/// Blobs that are deleted at once; what is more is left to the sweeper.
const AT_ONCE: usize = 200;

/// What is written where, and under which conditions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Write<'a> {
    pub(crate) bucket: &'a str,
    pub(crate) owner: Option<&'a str>,
    pub(crate) key: &'a str,
    pub(crate) conditions: OfWrite<'a>,
    pub(crate) what: Happening,
}

/// Makes an object the newest of its key. Bytes that it can't be made of are given back.
///
/// # Errors
/// If the bucket is gone, or a condition doesn't hold.
pub(crate) async fn put(
    svc: &S3,
    cx: &Ctx,
    write: Write<'_>,
    (object, inline): (Object, Option<Bytes>),
) -> Result<(Bucket, Placed), AwsError> {
    let id = VersionId::random(&*svc.parts.rng);
    let blob = blob_of(&object);
    let done = again(svc, || put_once(svc, cx, write, (id, object.clone(), inline.clone()))).await;
    match done {
        Ok((bucket, mut placed)) => {
            discard(svc, std::mem::take(&mut placed.gone)).await;
            Ok((bucket, placed))
        }
        Err(error) => {
            // Unless nobody knows whether it committed: then the sweeper finds out.
            if error.code().status < 500 {
                discard(svc, blob.into_iter().collect()).await;
            }
            if error.is_conflict() && write.conditions.any() {
                return Err(conditional_conflict(write.conditions.name(), write.key));
            }
            Err(error)
        }
    }
}

fn blob_of(object: &Object) -> Option<BlobId> {
    match &object.body {
        Body::Blob(blob) => BlobId::parse(blob).ok(),
        Body::Inline | Body::Parts(_) => None,
    }
}

async fn put_once(
    svc: &S3,
    cx: &Ctx,
    write: Write<'_>,
    (id, object, inline): (VersionId, Object, Option<Bytes>),
) -> Result<(Bucket, Placed), AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let bucket = table::bucket(&mut tx, cx, write.bucket, write.owner).await?;
    let placed =
        put_in(svc, cx, (&mut tx, &bucket), write, New { id, at: cx.now(), inline, object: Some(object) }).await?;
    tx.commit().await?;
    Ok((bucket, placed))
}

/// The same in a transaction that does more.
///
/// # Errors
/// If a condition doesn't hold.
pub(crate) async fn put_in(
    svc: &S3,
    cx: &Ctx,
    (tx, bucket): (&mut Tx, &Bucket),
    write: Write<'_>,
    new: New,
) -> Result<Placed, AwsError> {
    let latest = latest(tx, bucket, write.key).await?;
    write.conditions.check(write.key, latest.as_ref())?;
    let placed = place(svc, tx, bucket, (write.key, latest.as_ref()), new).await?;
    let object = placed.version.object.as_ref();
    if let Some(object) = object {
        acl::note_owner(tx, bucket, object).await?;
    }
    let version = placed.id(bucket);
    let change = Change {
        what: write.what,
        key: write.key,
        version: version.as_deref(),
        size: object.map(|object| object.size),
        etag: object.map(|object| object.etag.as_str()),
        sequencer: placed.version.sequencer,
    };
    notify::happened(svc, cx, tx, bucket, &change).await?;
    let made = (write.key, placed.order, &placed.version);
    replication::changed(svc, cx, (tx, bucket), made).await?;
    Ok(placed)
}

/// Runs a transaction until it doesn't conflict: the layer around operations can't, once a body was read.
///
/// # Errors
/// Those of the transaction.
pub(crate) async fn again<T, W>(svc: &S3, mut work: impl FnMut() -> W) -> Result<T, AwsError>
where
    W: Future<Output = Result<T, AwsError>>,
{
    let mut attempt = 0;
    loop {
        match work().await {
            Err(error) if error.is_conflict() && attempt < ATTEMPTS => attempt += 1,
            done => return done,
        }
        let micros = svc.parts.rng.below(50 << attempt.min(6));
        svc.parts.clock.pause(Duration::from_micros(micros)).await;
    }
}

/// Gives back the space of blobs that no row names. What can't be given back now, the sweeper finds later.
pub(crate) async fn discard(svc: &S3, gone: Vec<BlobId>) {
    if gone.is_empty() || held(svc).await {
        return;
    }
    for blob in gone.iter().take(AT_ONCE) {
        if let Err(error) = svc.parts.blobs.delete(blob).await {
            tracing::debug!(error = ?error, "a blob could not be deleted; the sweeper will");
        }
    }
}

/// Whether a snapshot that is being taken may still name what nobody names any more.
async fn held(svc: &S3) -> bool {
    updraft_snapshot::blobs_are_held(&*svc.parts.store).await.unwrap_or(true)
}
