//! Doing what rules ask for.

use updraft_kernel::{AwsError, Ctx, UnixMillis};
use updraft_store::{ScanOptions, Tx};

use super::walk::Todo;
use crate::S3;
use crate::keys::{Numbered, ObjectVersionKey};
use crate::model::bucket::{Bucket, Versioning};
use crate::model::expiry::Fate;
use crate::notify::{self, Change, Happening};
use crate::objects::keys::UploadKey;
use crate::objects::table::{self, Found, New, Placed};
use crate::objects::version_id::VersionId;

pub(super) struct Acting<'a> {
    pub(super) svc: &'a S3,
    pub(super) cx: Ctx,
    pub(super) bucket: &'a Bucket,
    pub(super) now: UnixMillis,
}

impl Acting<'_> {
    /// What stands elsewhere by what was done before is left for the next run. Space is given back by the sweeper.
    pub(super) async fn apply(&self, tx: &mut Tx, todo: Vec<Todo>) -> Result<(), AwsError> {
        for one in todo {
            match one {
                Todo::Upload { key, id } => self.abort(tx, &key, &id).await?,
                Todo::Version { key, order, sequencer, newest, fate } => {
                    let Some(found) = self.find(tx, &key, (order, sequencer), newest).await? else { continue };
                    match fate {
                        Fate::Moves(class) => self.moves(tx, &key, found, class).await?,
                        Fate::Expires if !newest => self.remove(tx, &key, &found).await?,
                        Fate::Expires => self.expires(tx, &key, found).await?,
                    }
                }
            }
        }
        Ok(())
    }

    async fn abort(&self, tx: &mut Tx, key: &str, id: &str) -> Result<(), AwsError> {
        let bucket = Numbered::of(self.bucket);
        if tx.row(&UploadKey { bucket, key, id }).await?.is_some() {
            table::remove_parts(tx, bucket, id, &mut Vec::new()).await?;
            tx.delete_row(&UploadKey { bucket, key, id });
        }
        Ok(())
    }

    /// The version, if it is still there and stands where it stood.
    async fn find(
        &self,
        tx: &mut Tx,
        key: &str,
        (order, sequencer): (u64, u64),
        newest: bool,
    ) -> Result<Option<Found>, AwsError> {
        let Some(latest) = table::latest(tx, self.bucket, key).await? else { return Ok(None) };
        let found = if latest.order == order {
            latest
        } else {
            let at = ObjectVersionKey { bucket: Numbered::of(self.bucket), key, version: order };
            let Some(version) = tx.row(&at).await? else { return Ok(None) };
            if newest {
                return Ok(None);
            }
            return Ok((version.sequencer == sequencer).then_some(Found { order, version }));
        };
        Ok((newest && found.version.sequencer == sequencer).then_some(found))
    }

    async fn expires(&self, tx: &mut Tx, key: &str, found: Found) -> Result<(), AwsError> {
        if found.version.is_marker() {
            return if self.is_alone(tx, key).await? { self.remove(tx, key, &found).await } else { Ok(()) };
        }
        if self.bucket.versioning == Versioning::Never {
            return self.remove(tx, key, &found).await;
        }
        let id = VersionId::random(&*self.svc.parts.rng);
        let new = New { id, at: self.now, inline: None, object: None };
        let placed = table::place(self.svc, tx, self.bucket, (key, Some(&found)), new).await?;
        let Placed { order, version, .. } = placed;
        let sequencer = version.sequencer;
        let marker = Found { order, version };
        self.tell(tx, key, &marker, (Happening::ExpiredDeleteMarkerCreated, sequencer)).await
    }

    async fn is_alone(&self, tx: &mut Tx, key: &str) -> Result<bool, AwsError> {
        let all = table::versions(Numbered::of(self.bucket), key);
        Ok(tx.raw().scan(all, ScanOptions::limit(2)).await?.rows.len() == 1)
    }

    /// For good; unless it is locked, which rules don't change.
    async fn remove(&self, tx: &mut Tx, key: &str, found: &Found) -> Result<(), AwsError> {
        if found.is_locked(self.now, false) {
            return Ok(());
        }
        table::remove(self.svc, tx, self.bucket, (key, found), &mut Vec::new()).await?;
        let sequencer = table::sequencer(Some(found), self.now);
        self.tell(tx, key, found, (Happening::ExpiredDelete, sequencer)).await
    }

    async fn moves(&self, tx: &mut Tx, key: &str, mut found: Found, class: String) -> Result<(), AwsError> {
        let sequencer = table::sequencer(Some(&found), self.now);
        let Some(object) = &mut found.version.object else { return Ok(()) };
        object.about.storage_class = Some(class);
        found.version.sequencer = sequencer;
        table::change(tx, self.bucket, key, &found)?;
        self.tell(tx, key, &found, (Happening::Transitioned, sequencer)).await
    }

    async fn tell(
        &self,
        tx: &mut Tx,
        key: &str,
        found: &Found,
        (what, sequencer): (Happening, u64),
    ) -> Result<(), AwsError> {
        let id = (self.bucket.versioning != Versioning::Never).then(|| found.id());
        let object = found.version.object.as_ref().filter(|_| what == Happening::Transitioned);
        let change = Change {
            what,
            key,
            version: id.as_deref(),
            size: object.map(|object| object.size),
            etag: object.map(|object| object.etag.as_str()),
            sequencer,
        };
        notify::happened(self.svc, &self.cx, tx, self.bucket, &change).await
    }
}
