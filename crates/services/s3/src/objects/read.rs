//! What `GetObject` and `HeadObject` have in common.

use updraft_kernel::{AwsError, Ctx, UnixMillis};
use updraft_store::Tx;

use super::archive;
use super::aside::{self, Aside};
use super::checksum::Checksum;
use super::conditions::OfRead;
use super::encryption::{self, CustomerKey};
use super::errors::{invalid_part_number, invalid_range, marker, no_such_key};
use super::keys::PartKey;
use super::range::{self, Asked, Span};
use super::row::{Body, Object};
use super::table::{self, Found};
use crate::errors::invalid_request;
use crate::keys::{Numbered, ObjectVersionKey};
use crate::model::bucket::{Bucket, Versioning};

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) key: &'a str,
    pub(crate) version: Option<&'a str>,
    pub(crate) range: Option<&'a str>,
    pub(crate) part: Option<i32>,
    pub(crate) conditions: OfRead<'a>,
    pub(crate) method: &'static str,
}

/// What was found, and which bytes of it.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) found: Found,
    pub(crate) object: Object,
    pub(crate) span: Span,
    /// A part of it is answered, and says so.
    pub(crate) partial: bool,
    /// Of an object in parts, where a part is asked for.
    pub(crate) parts_count: Option<u32>,
    /// Of what is answered.
    pub(crate) checksum: Option<Checksum>,
    pub(crate) version_id: Option<String>,
    /// What is known of it beside that.
    pub(crate) known: Aside,
    /// When it was looked at.
    pub(crate) now: UnixMillis,
}

impl Seen {
    pub(crate) fn at<'a>(&self, bucket: &'a Bucket, key: &'a str) -> ObjectVersionKey<'a> {
        ObjectVersionKey { bucket: Numbered::of(bucket), key, version: self.found.order }
    }
}

/// Finds what is asked for.
///
/// # Errors
/// In AWS's words, if it isn't there or a condition doesn't hold.
pub(crate) async fn look(
    cx: &Ctx,
    tx: &mut Tx,
    bucket: &Bucket,
    (wanted, customer): (Wanted<'_>, Option<&CustomerKey>),
) -> Result<Seen, AwsError> {
    let (mut found, object) = existing(tx, bucket, wanted).await?;
    encryption::check(object.encryption, customer)?;
    wanted.conditions.check(&object, (found.version.at, cx.now()))?;
    found.version.object = None;
    let version_id = shown_id(bucket, &found);
    let known = aside::of(tx, bucket, (wanted.key, found.order)).await?;
    let now = cx.now();
    if wanted.method == "GET" {
        archive::readable(&known, &object, now)?;
    }
    let whole = Span::whole(object.size);
    let seen = |span, partial, parts_count, checksum, object| Seen {
        found,
        object,
        span,
        partial,
        parts_count,
        checksum,
        version_id,
        known,
        now,
    };
    match (wanted.range, wanted.part) {
        (Some(_), Some(_)) => Err(invalid_request("Cannot specify both Range header and partNumber query parameter")),
        (None, None) => Ok(seen(whole, false, None, object.checksum.clone(), object)),
        (Some(header), None) => match range::parse(header, object.size) {
            Asked::All => Ok(seen(whole, false, None, object.checksum.clone(), object)),
            // AWS: the sum of a whole says nothing about a part of it.
            Asked::Span(span) => Ok(seen(span, true, None, None, object)),
            Asked::None => Err(invalid_range(header, object.size)),
        },
        (None, Some(number)) => {
            let part = part(tx, Numbered::of(bucket), &object, number).await?;
            Ok(seen(part.span, true, part.count, part.checksum, object))
        }
    }
}

/// The object that is asked for.
///
/// # Errors
/// If there is none.
pub(crate) async fn existing(tx: &mut Tx, bucket: &Bucket, wanted: Wanted<'_>) -> Result<(Found, Object), AwsError> {
    let Wanted { key, version, method, .. } = wanted;
    let found = table::find(tx, bucket, key, version).await?.ok_or_else(|| no_such_key(key))?;
    match &found.version.object {
        Some(object) => {
            let object = object.clone();
            Ok((found, object))
        }
        None if version.is_some() => Err(marker(method)
            .with_header("x-amz-version-id", found.id())
            .with_header("last-modified", date(found.version.at))),
        None => {
            Err(no_such_key(key).with_header("x-amz-delete-marker", "true").with_header("x-amz-version-id", found.id()))
        }
    }
}

pub(crate) fn date(at: UnixMillis) -> String {
    httpdate::fmt_http_date(std::time::UNIX_EPOCH + std::time::Duration::from_millis(u64::try_from(at.0).unwrap_or(0)))
}

/// The id of a version as answers have it: where versions have ids.
pub(crate) fn shown_id(bucket: &Bucket, found: &Found) -> Option<String> {
    (bucket.versioning != Versioning::Never).then(|| found.id())
}

struct PartOf {
    span: Span,
    count: Option<u32>,
    checksum: Option<Checksum>,
}

/// The part of that number: parts are counted as they lie, whatever their numbers were.
async fn part(tx: &mut Tx, bucket: Numbered<'_>, object: &Object, asked: i32) -> Result<PartOf, AwsError> {
    let number = super::about::part_number(asked)?;
    let Body::Parts(parts) = &object.body else {
        if number != 1 {
            return Err(invalid_part_number(asked, 1));
        }
        return Ok(PartOf { span: Span::whole(object.size), count: None, checksum: object.checksum.clone() });
    };
    if number > parts.count {
        return Err(invalid_part_number(asked, parts.count));
    }
    let mut offset = 0;
    let all = table::parts(tx, PartKey { bucket, upload: &parts.upload, number: 0 }).await?;
    let before = usize::try_from(number - 1).unwrap_or(0);
    for (_, part) in all.iter().take(before) {
        offset += part.size;
    }
    let (_, part) = all.get(before).ok_or_else(|| AwsError::internal("an object lacks a part"))?;
    let span = Span { start: offset, length: part.size };
    let checksum = own_checksum(object, &part.checksum);
    Ok(PartOf { span, count: Some(parts.count), checksum })
}

/// What is told of a part's sum: only where the whole's is made of those of its parts.
pub(crate) fn own_checksum(object: &Object, of_part: &Checksum) -> Option<Checksum> {
    let whole = object.checksum.as_ref()?;
    (whole.of_parts.is_some() && whole.algorithm == of_part.algorithm).then(|| of_part.clone())
}
