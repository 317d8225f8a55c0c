//! Doing what rules ask for.

use updraft_kernel::{AwsError, Ctx, UnixMillis};
use updraft_store::{ScanOptions, Tx};

use super::walk::Todo;
use crate::S3;
use crate::accesses::{self, Act};
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
    /// What was done, for the bucket's log.
    pub(super) acts: Vec<Act>,
}

impl Acting<'_> {
    /// What stands elsewhere by what was done before is left for the next run. Space is given back by the sweeper.
    pub(super) async fn apply(mut self, tx: &mut Tx, todo: Vec<Todo>) -> Result<(), AwsError> {
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
        accesses::done(self.svc, &self.cx, (tx, self.bucket), self.acts).await
    }

    /// AWS: what rules do is in the log, too.
    fn log(&mut self, operation: &'static str, key: &str, found: &Found) {
        if accesses::are_kept(self.bucket) {
            let version = (self.bucket.versioning != Versioning::Never).then(|| found.id());
            let size = found.version.object.as_ref().map(|object| object.size);
            self.acts.push(Act { operation, key: key.to_owned(), version, size, ..Act::default() });
        }
    }

    async fn abort(&mut self, tx: &mut Tx, key: &str, id: &str) -> Result<(), AwsError> {
        let bucket = Numbered::of(self.bucket);
        if tx.row(&UploadKey { bucket, key, id }).await?.is_some() {
            table::remove_parts(tx, bucket, id, &mut Vec::new()).await?;
            tx.delete_row(&UploadKey { bucket, key, id });
            if accesses::are_kept(self.bucket) {
                self.acts.push(Act { operation: "S3.DELETE.UPLOAD", key: key.to_owned(), ..Act::default() });
            }
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

    async fn expires(&mut self, tx: &mut Tx, key: &str, found: Found) -> Result<(), AwsError> {
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
        self.log("S3.CREATE.DELETEMARKER", key, &marker);
        self.tell(tx, key, &marker, (Happening::ExpiredDeleteMarkerCreated, sequencer)).await
    }

    async fn is_alone(&self, tx: &mut Tx, key: &str) -> Result<bool, AwsError> {
        let all = table::versions(Numbered::of(self.bucket), key);
        Ok(tx.raw().scan(all, ScanOptions::limit(2)).await?.rows.len() == 1)
    }

    /// For good; unless it is locked, which rules don't change.
    async fn remove(&mut self, tx: &mut Tx, key: &str, found: &Found) -> Result<(), AwsError> {
        if found.is_locked(self.now, false) {
            return Ok(());
        }
        table::remove(self.svc, tx, self.bucket, (key, found), &mut Vec::new()).await?;
        self.log("S3.EXPIRE.OBJECT", key, found);
        let sequencer = table::sequencer(Some(found), self.now);
        self.tell(tx, key, found, (Happening::ExpiredDelete, sequencer)).await
    }

    async fn moves(&mut self, tx: &mut Tx, key: &str, mut found: Found, class: String) -> Result<(), AwsError> {
        let sequencer = table::sequencer(Some(&found), self.now);
        let Some(object) = &mut found.version.object else { return Ok(()) };
        let operation = transition(&class);
        object.about.storage_class = Some(class);
        found.version.sequencer = sequencer;
        table::change(tx, self.bucket, key, &found)?;
        self.log(operation, key, &found);
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

/// What records call a move into a storage class.
fn transition(class: &str) -> &'static str {
    match class {
        "STANDARD_IA" => "S3.TRANSITION_SIA.OBJECT",
        "ONEZONE_IA" => "S3.TRANSITION_ZIA.OBJECT",
        "INTELLIGENT_TIERING" => "S3.TRANSITION_INT.OBJECT",
        "GLACIER_IR" => "S3.TRANSITION_GIR.OBJECT",
        "DEEP_ARCHIVE" => "S3.TRANSITION_GDA.OBJECT",
        _ => "S3.TRANSITION.OBJECT",
    }
}
