//! Where a replica lies, and what it is.

use bytes::Bytes;
use updraft_kernel::{AwsError, Ctx};
use updraft_store::Tx;

use super::Errand;
use crate::S3;
use crate::keys::{Numbered, ObjectVersionKey};
use crate::model::bucket::Bucket;
use crate::notify::{self, Change, Happening};
use crate::objects::acl;
use crate::objects::aside::{self, Aside, Replication};
use crate::objects::keys::{BlobKey, PartKey};
use crate::objects::row::{Body, Encryption, Lock, NamedBy, Object, Part, Version, WrappedKey};
use crate::objects::table::{self, Found};
use crate::objects::version_id::VersionId;

/// Bytes that were copied and that nobody names yet.
#[derive(Clone, Debug)]
pub(super) struct Copied {
    pub(super) body: Body,
    pub(super) inline: Option<Bytes>,
    pub(super) key: Option<WrappedKey>,
    pub(super) encryption: Encryption,
    /// By their numbers.
    pub(super) parts: Vec<(u32, Part)>,
}

/// AWS: a replica has its source's id, and its time.
pub(super) async fn place(
    svc: &S3,
    cx: &Ctx,
    (tx, bucket): (&mut Tx, &Bucket),
    (errand, version): (&Errand, Version),
    copied: Option<Copied>,
) -> Result<(), AwsError> {
    let key = errand.key.as_str();
    let latest = table::latest(tx, bucket, key).await?;
    let (order, id) = free(tx, bucket, (key, latest.as_ref()), (errand.order, version.id)).await?;
    let object = match (version.object, copied) {
        (Some(object), Some(copied)) => Some(replica((tx, bucket), errand, object, &copied)?),
        _ => None,
    };
    let inline = object.as_ref().and_then(|(_, inline)| inline.clone());
    let object = object.map(|(object, _)| object);
    let sequencer = table::sequencer(latest.as_ref(), cx.now());
    let version = Version { id, sequencer, at: version.at, object };
    let at = ObjectVersionKey { bucket: Numbered::of(bucket), key, version: order };
    table::write(tx, at, &version, inline)?;
    if let Some(object) = &version.object {
        acl::note_owner(tx, bucket, object).await?;
    }
    aside::put(tx, bucket, (key, order), &Aside { replication: Some(Replication::Replica), restore: None }).await?;
    let what = if version.is_marker() { Happening::RemovedDeleteMarkerCreated } else { Happening::CreatedPut };
    let object = version.object.as_ref();
    let change = Change {
        what,
        key,
        version: Some(&id.text(order)),
        size: object.map(|object| object.size),
        etag: object.map(|object| object.etag.as_str()),
        sequencer,
    };
    notify::happened(svc, cx, tx, bucket, &change).await
}

/// Where its id says, mostly; above all others, where something else lies there.
async fn free(
    tx: &mut Tx,
    bucket: &Bucket,
    (key, latest): (&str, Option<&Found>),
    (order, id): (u64, VersionId),
) -> Result<(u64, VersionId), AwsError> {
    let chance = match id {
        VersionId::Chance(chance) | VersionId::Foreign { chance, .. } => chance,
        VersionId::Null => return Err(AwsError::internal("versions without an id aren't replicated")),
    };
    let at = ObjectVersionKey { bucket: Numbered::of(bucket), key, version: order };
    if tx.row(&at).await?.is_none() {
        return Ok((order, VersionId::Chance(chance)));
    }
    let above = latest.map_or(1, |latest| latest.order + 1);
    Ok((above, VersionId::Foreign { order, chance }))
}

/// The object with the bytes that were copied for it, and those of them that are to lie in the store.
fn replica(
    (tx, bucket): (&mut Tx, &Bucket),
    errand: &Errand,
    object: Object,
    copied: &Copied,
) -> Result<(Object, Option<Bytes>), AwsError> {
    if let Body::Parts(parts) = &copied.body {
        for (number, part) in &copied.parts {
            let at = PartKey { bucket: Numbered::of(bucket), upload: &parts.upload, number: *number };
            tx.put_row(&at, part)?;
            let what = NamedBy::Part { upload: parts.upload.clone(), number: *number };
            tx.put_row(&BlobKey(&part.blob), &table::named(at.bucket, what))?;
        }
    }
    let mut about = object.about;
    about.acl = acl::of_replica(&errand.account, bucket, about.acl);
    if let Some(class) = &errand.class {
        about.storage_class = Some(class.clone()).filter(|class| class != "STANDARD");
    }
    let lock = if bucket.object_lock { object.lock } else { Lock::default() };
    let Copied { body, inline, key, encryption, .. } = copied.clone();
    Ok((Object { body, about, lock, key, encryption, ..object }, inline))
}

/// Gives a replica the tags that its source has now.
pub(super) fn update(
    tx: &mut Tx,
    bucket: &Bucket,
    (key, mut found): (&str, Found),
    source: &Version,
) -> Result<(), AwsError> {
    let (Some(replica), Some(object)) = (&mut found.version.object, &source.object) else { return Ok(()) };
    if replica.about.tags == object.about.tags {
        return Ok(());
    }
    replica.about.tags.clone_from(&object.about.tags);
    table::change(tx, bucket, key, &found)
}
