//! What there is to do in a portion of a bucket: a small one, since who writes there meanwhile makes it be looked at again.

use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::{ScanOptions, Tx};

use super::Progress;
use crate::keys::{Numbered, ObjectVersionKey};
use crate::model::bucket::Bucket;
use crate::model::expiry::{Facts, Fate, Place, Rules};
use crate::objects::keys::{UploadKey, upload_of, version_of};
use crate::objects::row::Version;

/// Rows looked at in one go.
const PORTION: usize = 250;
/// What is done in one transaction.
const MOST: usize = 100;

/// Something to be done.
#[derive(Debug)]
pub(super) enum Todo {
    Version { key: String, order: u64, sequencer: u64, newest: bool, fate: Fate },
    Upload { key: String, id: String },
}

#[derive(Debug)]
pub(super) struct Seen {
    pub(super) todo: Vec<Todo>,
    /// How far it came; `None`: to the end.
    pub(super) rest: Option<Progress>,
}

pub(super) async fn look(
    tx: &mut Tx,
    (bucket, rules): (&Bucket, &Rules),
    from: &Progress,
    now: UnixMillis,
) -> Result<Seen, AwsError> {
    if from.uploads_done {
        versions(tx, (bucket, rules), from, now).await
    } else {
        uploads(tx, (bucket, rules), from, now).await
    }
}

async fn uploads(
    tx: &mut Tx,
    (bucket, rules): (&Bucket, &Rules),
    from: &Progress,
    now: UnixMillis,
) -> Result<Seen, AwsError> {
    let mut range = Numbered::of(bucket).uploads().prefix_range();
    if !from.after.is_empty() {
        range = range.after(&from.after);
    }
    let page = tx.rows::<UploadKey<'_>>(range, ScanOptions::limit(MOST)).await?;
    let rest = match page.resume() {
        Some(last) => Progress { after: last.to_vec(), ..Progress::default() },
        None => Progress { uploads_done: true, ..Progress::default() },
    };
    let mut todo = Vec::new();
    for (row, upload) in page.rows {
        let (key, id) = upload_of(&row)?;
        if rules.abort(&key, upload.at).is_some_and(|(at, _)| now >= at) {
            todo.push(Todo::Upload { key, id });
        }
    }
    Ok(Seen { todo, rest: Some(rest) })
}

async fn versions(
    tx: &mut Tx,
    (bucket, rules): (&Bucket, &Rules),
    from: &Progress,
    now: UnixMillis,
) -> Result<Seen, AwsError> {
    let mut range = Numbered::of(bucket).objects_starting(&rules.prefix());
    if !from.after.is_empty() {
        range = range.after(&from.after);
    }
    let page = tx.rows::<ObjectVersionKey<'_>>(range, ScanOptions::limit(PORTION)).await?;
    let mut more = page.more;
    let (mut todo, mut progress) = (Vec::new(), from.clone());
    for (row, version) in page.rows {
        if todo.len() == MOST {
            more = true;
            break;
        }
        let (key, order) = version_of(&row)?;
        let (place, behind) = match progress.key.as_deref() == Some(&*key) {
            true => (Place::Behind { since: progress.at, newer: progress.behind }, progress.behind + 1),
            false => (Place::Newest, 0),
        };
        if let Some(fate) = rules.fate(facts(&key, &version, place), now) {
            let (sequencer, newest) = (version.sequencer, place == Place::Newest);
            todo.push(Todo::Version { key: key.clone(), order, sequencer, newest, fate });
        }
        progress = Progress { after: row.to_vec(), key: Some(key), at: version.at, behind, ..progress };
    }
    Ok(Seen { todo, rest: more.then_some(progress) })
}

/// What rules look at.
pub(super) fn facts<'a>(key: &'a str, version: &'a Version, place: Place) -> Facts<'a> {
    let object = version.object.as_ref();
    Facts {
        key,
        size: object.map(|object| object.size),
        tags: object.map(|object| object.about.tags.as_slice()).unwrap_or_default(),
        class: object.and_then(|object| object.about.storage_class.as_deref()),
        at: version.at,
        place,
    }
}
