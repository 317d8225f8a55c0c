//! Walking through versions of keys, the newest of each first.

use updraft_kernel::AwsError;
use updraft_store::{Key as _, ScanOptions, Tx};

use super::keys::version_of;
use super::list::{Asked, behind, common};
use super::table::{self, Found};
use super::version_id;
use crate::config::Kind;
use crate::errors::invalid_value;
use crate::keys::{Numbered, ObjectVersionKey};
use crate::model::bucket::Bucket;

const ROWS: usize = 256;

/// A version, or what several keys have in common.
#[derive(Clone, Debug)]
pub(crate) enum Entry {
    Version { key: String, found: Box<Found>, latest: bool },
    Prefix(String),
}

#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) entries: Vec<Entry>,
    pub(crate) more: bool,
}

/// All versions, and markers too. `after_version`: of the key of the marker, those behind this one.
///
/// # Errors
/// If that isn't an id.
pub(crate) async fn versions(
    tx: &mut Tx,
    bucket: &Bucket,
    asked: Asked<'_>,
    after_version: Option<&str>,
) -> Result<Page, AwsError> {
    let numbered = Numbered::of(bucket);
    let mut page = Page::default();
    if asked.most == 0 {
        return Ok(page);
    }
    let all = numbered.objects_starting(asked.prefix);
    let mut last = None;
    let range = match after_version {
        Some(id) => {
            last = Some(asked.after.to_owned());
            all.after(&place_of(tx, bucket, asked.after, id).await?)
        }
        None => behind(numbered, all, asked),
    };
    let mut rest = (!range.is_empty()).then_some(range);
    while let Some(range) = rest.take() {
        let rows = tx.rows::<ObjectVersionKey<'_>>(range.clone(), ScanOptions::limit(ROWS)).await?;
        rest = rows.resume().map(|last| range.clone().after(last));
        for (at, version) in rows.rows {
            let (key, order) = version_of(&at)?;
            if page.entries.len() == asked.most {
                page.more = true;
                return Ok(page);
            }
            if let Some(prefix) = common(&key, asked.prefix, asked.delimiter) {
                page.entries.push(Entry::Prefix(prefix.to_owned()));
                let jumped = range.from(numbered.objects_starting(prefix).end);
                rest = (!jumped.is_empty()).then_some(jumped);
                break;
            }
            let latest = last.as_ref() != Some(&key);
            last = Some(key.clone());
            page.entries.push(Entry::Version { key, found: Box::new(Found { order, version }), latest });
        }
    }
    Ok(page)
}

/// Where a version lies, or lay.
async fn place_of(tx: &mut Tx, bucket: &Bucket, key: &str, id: &str) -> Result<bytes::Bytes, AwsError> {
    let asked = version_id::Asked::parse(id);
    let asked = asked.ok_or_else(|| invalid_value("version-id-marker", id, "Invalid version id specified"))?;
    let order = match asked {
        // A replica may lie elsewhere than its id says.
        version_id::Asked::At { order, .. } if !bucket.has(Kind::Aside) => order,
        version_id::Asked::At { order, .. } => {
            table::by_id(tx, bucket, key, id).await?.map_or(order, |found| found.order)
        }
        version_id::Asked::Null => table::by_id(tx, bucket, key, id).await?.map_or(0, |found| found.order),
    };
    Ok(ObjectVersionKey { bucket: Numbered::of(bucket), key, version: order }.encode())
}
