//! Giving bytes out: as much as is asked for, as fast as it is taken.

use futures_util::stream::{self, StreamExt, TryStreamExt};
use std::sync::Arc;
use updraft_blob::{BlobError, BlobId, Blobs, ByteRange};
use updraft_kernel::AwsError;
use updraft_store::Tx;
use updraft_wire::{ByteStream, Pieces};

use super::cipher::{self, Window};
use super::encryption::Opener;
use super::keys::PartKey;
use super::range::Span;
use super::row::{Body, Object, Parts, WrappedKey};
use super::table;
use crate::S3;
use crate::keys::{Numbered, ObjectVersionKey};

/// Bytes of a blob.
#[derive(Clone, Debug)]
struct Slice {
    blob: BlobId,
    span: Span,
    /// What the blob holds, before it was encrypted.
    size: u64,
    key: Option<WrappedKey>,
}

/// Bytes of a version. The transaction is needed no more once this answers.
///
/// # Errors
/// If they can't be had.
pub(crate) async fn send(
    svc: &S3,
    tx: &mut Tx,
    (at, object): (ObjectVersionKey<'_>, &Object),
    span: Span,
    opener: Opener,
) -> Result<ByteStream, AwsError> {
    if span.length == 0 {
        return Ok(ByteStream::whole(bytes::Bytes::new()));
    }
    let slices = match &object.body {
        Body::Inline => {
            let kept = table::inline(tx, at).await?;
            let key = opener.key(object.key.as_ref())?;
            let bytes = key.map_or_else(|| Ok(kept.clone()), |key| key.open_small(&kept))?;
            let end = span.start + span.length;
            let range = usize::try_from(span.start).unwrap_or(0)..usize::try_from(end).unwrap_or(0).min(bytes.len());
            return Ok(ByteStream::whole(bytes.slice(range)));
        }
        Body::Blob(blob) => vec![slice(blob, span, object.size, object.key)?],
        Body::Parts(parts) => of_parts(tx, at.bucket, parts, span).await?,
    };
    let reading = match &object.body {
        Body::Parts(parts) => Some(svc.readers.begin(&parts.upload)),
        Body::Inline | Body::Blob(_) => None,
    };
    let pieces = pour((Arc::clone(&svc.parts.blobs), opener), slices).await?;
    let pieces = pieces
        .inspect(move |_| {
            let _until_the_end = &reading;
        })
        .boxed();
    Ok(ByteStream::new(Some(span.length), pieces))
}

fn slice(blob: &str, span: Span, size: u64, key: Option<WrappedKey>) -> Result<Slice, AwsError> {
    Ok(Slice { blob: BlobId::parse(blob).map_err(AwsError::internal)?, span, size, key })
}

/// The slices of the parts that a span touches.
async fn of_parts(tx: &mut Tx, bucket: Numbered<'_>, parts: &Parts, span: Span) -> Result<Vec<Slice>, AwsError> {
    let (first, mut offset) = first_part(parts, span.start);
    let mut slices = Vec::new();
    let end = span.start + span.length;
    let from = PartKey { bucket, upload: &parts.upload, number: first };
    for (_, part) in table::parts(tx, from).await? {
        let (from, to) = (span.start.max(offset), end.min(offset + part.size));
        if from < to {
            slices.push(slice(&part.blob, Span { start: from - offset, length: to - from }, part.size, part.key)?);
        }
        offset += part.size;
        if offset >= end {
            break;
        }
    }
    Ok(slices)
}

/// The number of a part that begins at or before an offset, and where it begins.
fn first_part(parts: &Parts, start: u64) -> (u32, u64) {
    match parts.stride.filter(|stride| *stride > 0) {
        Some(stride) => {
            let before = (start / stride).min(u64::from(parts.count.saturating_sub(1)));
            (u32::try_from(before).unwrap_or(0) + 1, before * stride)
        }
        None => (0, 0),
    }
}

/// Where blobs are, and what opens them.
type From = (Arc<dyn Blobs>, Opener);

/// The first blob is opened at once, so that an answer isn't begun without it.
async fn pour(from: From, slices: Vec<Slice>) -> Result<Pieces, AwsError> {
    let mut slices = slices.into_iter();
    let Some(first) = slices.next() else { return Ok(stream::empty().boxed()) };
    let first = open(&from, &first).await?;
    let rest = stream::iter(slices).then(move |slice| {
        let from = from.clone();
        async move { open(&from, &slice).await }
    });
    Ok(first.chain(rest.try_flatten()).boxed())
}

/// What is gone was deleted since its row was read: who reads it anew finds out.
fn gone(error: BlobError) -> AwsError {
    match error {
        BlobError::NotFound(_) => AwsError::conflict(error),
        other => other.into(),
    }
}

async fn open((blobs, opener): &From, slice: &Slice) -> Result<Pieces, AwsError> {
    let Span { start, length } = slice.span;
    let Some(key) = opener.key(slice.key.as_ref())? else {
        let body = blobs.get(&slice.blob, ByteRange::new(start, length)).await.map_err(gone)?;
        return Ok(body.stream.map_err(AwsError::from).boxed());
    };
    let window = Window::new(start, length, slice.size);
    let body = blobs.get(&slice.blob, window.range()).await.map_err(gone)?;
    Ok(cipher::open(body.stream.map_err(AwsError::from).boxed(), key, window))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_parts_are_not_counted_through() {
        let parts = |stride| Parts { upload: "u".into(), count: 3, stride };
        assert_eq!(first_part(&parts(Some(10)), 0), (1, 0));
        assert_eq!(first_part(&parts(Some(10)), 19), (2, 10));
        assert_eq!(first_part(&parts(Some(10)), 35), (3, 20), "the last one may be larger or smaller");
        assert_eq!(first_part(&parts(None), 19), (0, 0));
    }
}
