//! Parts of uploads that are under way.

use updraft_blob::BlobId;
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt as _;

use super::keys::{BlobKey, PartKey};
use super::receive::{Claimed, Received};
use super::row::{NamedBy, Part, Sum, Upload};
use super::table::{named, unname};
use super::upload;
use super::write::{again, discard};
use crate::errors::invalid_request;
use crate::keys::Numbered;
use crate::{S3, table};

/// Which part of which upload.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) bucket: &'a str,
    pub(crate) owner: Option<&'a str>,
    pub(crate) key: &'a str,
    pub(crate) upload: &'a str,
    pub(crate) number: u32,
}

/// What a part is added up by: as its upload says, or else as it comes.
///
/// # Errors
/// If they don't say the same.
pub(crate) fn claimed(upload: &Upload, claimed: Option<Claimed>) -> Result<Option<Claimed>, AwsError> {
    let Some((expected, sum)) = upload.checksum else { return Ok(claimed) };
    let mismatch = |actual: &str| {
        let expected = expected.lower();
        invalid_request(format!(
            "Checksum Type mismatch occurred, expected checksum Type: {expected}, actual checksum Type: {actual}"
        ))
    };
    match claimed {
        Some(claimed) if claimed.algorithm != expected => Err(mismatch(&claimed.algorithm.lower())),
        Some(claimed) => Ok(Some(claimed)),
        None if sum == Sum::Parts => Err(mismatch("null")),
        None => Ok(Some(Claimed { algorithm: expected, value: None, in_trailer: false })),
    }
}

/// Makes what was received a part. Bytes that it can't be made of are given back.
///
/// # Errors
/// If the upload is gone.
pub(crate) async fn put(svc: &S3, cx: &Ctx, place: Place<'_>, received: Received) -> Result<Part, AwsError> {
    let part = upload::part(cx, received)?;
    match again(svc, || put_once(svc, cx, place, &part)).await {
        Ok(gone) => {
            discard(svc, gone).await;
            Ok(part)
        }
        Err(error) => {
            if error.code().status < 500 {
                discard(svc, BlobId::parse(&part.blob).into_iter().collect()).await;
            }
            Err(error)
        }
    }
}

async fn put_once(svc: &S3, cx: &Ctx, place: Place<'_>, part: &Part) -> Result<Vec<BlobId>, AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let bucket = table::bucket(&mut tx, cx, place.bucket, place.owner).await?;
    let numbered = Numbered::of(&bucket);
    upload::find(&mut tx, &bucket, place.key, place.upload).await?;
    let key = PartKey { bucket: numbered, upload: place.upload, number: place.number };
    let mut gone = Vec::new();
    if let Some(before) = tx.row(&key).await? {
        unname(&mut tx, &before.blob, &mut gone)?;
    }
    tx.put_row(&key, part)?;
    let what = NamedBy::Part { upload: place.upload.to_owned(), number: place.number };
    tx.put_row(&BlobKey(&part.blob), &named(numbered, what))?;
    tx.commit().await?;
    Ok(gone)
}
