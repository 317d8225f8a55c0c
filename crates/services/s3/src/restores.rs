//! Restorations of what is archived: that they are there, and that they are over, is told when it is so.

use serde::{Deserialize, Serialize};
use updraft_kernel::{AwsError, Ctx, UnixMillis};
use updraft_store::Tx;

use crate::acting::SERVICE;
use crate::background::{self, Task};
use crate::keys::{BucketKey, Numbered, ObjectVersionKey};
use crate::lifecycle::Whose;
use crate::model::bucket::{Bucket, Versioning};
use crate::notify::{self, Change, Happening};
use crate::objects::aside::{self, Restore};
use crate::objects::row::Object;
use crate::objects::table::Found;
use crate::{S3, objects};

/// A version that is restored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Restored {
    pub(crate) whose: Whose,
    pub(crate) key: String,
    pub(crate) order: u64,
}

impl Restored {
    pub(crate) fn of(bucket: &Bucket, (key, order): (&str, u64)) -> Self {
        Self { whose: Whose::of(bucket), key: key.to_owned(), order }
    }
}

/// Looks at it when it is there next, or over.
///
/// # Errors
/// If the store fails.
pub(crate) async fn later(svc: &S3, tx: &mut Tx, restored: &Restored, restore: Restore) -> Result<(), AwsError> {
    let due = if restore.done { restore.until } else { restore.ready };
    background::later(&svc.parts.timers, tx, &Task::Restored(restored.clone()), due).await
}

/// When to look next; `None`: never.
///
/// # Errors
/// If the store fails.
pub(crate) async fn run(
    svc: &S3,
    tx: &mut Tx,
    restored: &Restored,
    now: UnixMillis,
) -> Result<Option<UnixMillis>, AwsError> {
    let Restored { whose, key, order } = restored;
    let bucket = tx.row(&BucketKey { account: &whose.account, name: &whose.name }).await?;
    let Some(bucket) = bucket.filter(|bucket| bucket.number == whose.number) else { return Ok(None) };
    let at = ObjectVersionKey { bucket: Numbered::of(&bucket), key, version: *order };
    let Some(version) = tx.row(&at).await? else { return Ok(None) };
    let mut known = aside::of(tx, &bucket, (key, *order)).await?;
    let (Some(mut restore), Some(object)) = (known.restore, version.object.clone()) else { return Ok(None) };
    if now < restore.ready {
        return Ok(Some(restore.ready));
    }
    let (what, next) = if !restore.done {
        restore.done = true;
        (Some(Happening::RestoreCompleted), Some(restore.until))
    } else if now >= restore.until {
        (Some(Happening::RestoreDelete), None)
    } else {
        (None, Some(restore.until))
    };
    known.restore = next.map(|_| restore);
    aside::put(tx, &bucket, (key, *order), &known).await?;
    if let Some(what) = what {
        let found = Found { order: *order, version };
        tell(svc, &svc.acting(&bucket, SERVICE), (tx, &bucket), (key, &found, &object), what).await?;
    }
    Ok(next)
}

/// # Errors
/// If the store fails.
pub(crate) async fn tell(
    svc: &S3,
    cx: &Ctx,
    (tx, bucket): (&mut Tx, &Bucket),
    (key, found, object): (&str, &Found, &Object),
    what: Happening,
) -> Result<(), AwsError> {
    let id = (bucket.versioning != Versioning::Never).then(|| found.id());
    let change = Change {
        what,
        key,
        version: id.as_deref(),
        size: Some(object.size),
        etag: Some(&object.etag),
        sequencer: objects::table::sequencer(Some(found), cx.now()),
    };
    notify::happened(svc, cx, tx, bucket, &change).await
}
