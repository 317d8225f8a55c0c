//! Changing the tags of a version.

use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt as _;

use super::conditions::OfRead;
use super::read::{self, Wanted};
use super::table as versions;
use crate::notify::{self, Change, Happening};
use crate::{S3, replication, table};

/// Whose tags, and who is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tagged<'a> {
    pub(crate) bucket: &'a str,
    pub(crate) owner: Option<&'a str>,
    pub(crate) key: &'a str,
    pub(crate) version: Option<&'a str>,
    pub(crate) method: &'static str,
    pub(crate) what: Happening,
}

/// Answers the version's id.
///
/// # Errors
/// If it isn't there.
pub(crate) async fn tag(
    svc: &S3,
    cx: &Ctx,
    tagged: Tagged<'_>,
    tags: Vec<(String, String)>,
) -> Result<Option<String>, AwsError> {
    let Tagged { key, version, method, what, .. } = tagged;
    let mut tx = svc.parts.store.write().await?;
    let bucket = table::bucket(&mut tx, cx, tagged.bucket, tagged.owner).await?;
    let wanted = Wanted { key, version, range: None, part: None, conditions: OfRead::default(), method };
    let (mut found, mut object) = read::existing(&mut tx, &bucket, wanted).await?;
    object.about.tags = tags;
    let (size, etag) = (Some(object.size), object.etag.clone());
    found.version.object = Some(object);
    found.version.sequencer = versions::sequencer(Some(&found), cx.now());
    versions::change(&mut tx, &bucket, key, &found)?;
    let id = read::shown_id(&bucket, &found);
    let sequencer = found.version.sequencer;
    let change = Change { what, key, version: id.as_deref(), size, etag: Some(&etag), sequencer };
    notify::happened(svc, cx, &mut tx, &bucket, &change).await?;
    replication::changed(svc, cx, (&mut tx, &bucket), (key, found.order, &found.version)).await?;
    tx.commit().await?;
    Ok(id)
}
