//! Bytes at rest: AES-256-GCM in segments, so that a body streams both ways and any range of it is read by itself.
//!
//! Each body has a key of its own. A segment's nonce is its number, and whether it is the last one: that segments are
//! changed, moved, or cut off at the end is found out when they are opened. It must never know whose a key is.

use bytes::{Buf as _, Bytes, BytesMut};
use futures_util::stream::{self, BoxStream, StreamExt as _};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use updraft_blob::{BlobError, Buffer, ByteRange, LARGE};
use updraft_kernel::AwsError;
use updraft_wire::Pieces;

/// Bytes of a segment, before its tag.
const SEGMENT: usize = 64 << 10;
const TAG: usize = 16;
/// Segments that are handed on at once.
const BATCH: usize = 4 * (SEGMENT + TAG);
// They fill a buffer, which never grows.
const _: () = assert!(BATCH == LARGE);

/// The key of one body, never of two.
#[derive(Debug)]
pub(crate) struct DataKey(LessSafeKey);

/// What was sealed can't be opened, or a key isn't one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("bytes at rest don't belong to their key")]
pub(crate) struct Broken;

impl From<Broken> for AwsError {
    fn from(broken: Broken) -> Self {
        Self::internal(broken)
    }
}

impl DataKey {
    pub(crate) fn new(bytes: &[u8; 32]) -> Result<Self, Broken> {
        Ok(Self(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, bytes).map_err(|_| Broken)?)))
    }

    fn seal(&self, (number, last): (u64, bool), segment: &mut [u8]) -> Result<[u8; TAG], Broken> {
        let tag = self.0.seal_in_place_separate_tag(nonce(number, last), Aad::empty(), segment);
        tag.map_err(|_| Broken)?.as_ref().try_into().map_err(|_| Broken)
    }

    /// Leaves the tag behind the bytes.
    fn open(&self, (number, last): (u64, bool), segment: &mut [u8]) -> Result<(), Broken> {
        self.0.open_in_place(nonce(number, last), Aad::empty(), segment).map(|_| ()).map_err(|_| Broken)
    }

    /// A body that is all there, of a segment at most.
    pub(crate) fn seal_small(&self, body: &[u8]) -> Result<Bytes, Broken> {
        if body.is_empty() {
            return Ok(Bytes::new());
        }
        let mut sealed = BytesMut::with_capacity(body.len() + TAG);
        sealed.extend_from_slice(body);
        let tag = self.seal((0, true), &mut sealed)?;
        sealed.extend_from_slice(&tag);
        Ok(sealed.freeze())
    }

    pub(crate) fn open_small(&self, sealed: &[u8]) -> Result<Bytes, Broken> {
        if sealed.is_empty() {
            return Ok(Bytes::new());
        }
        let mut body = BytesMut::from(sealed);
        self.open((0, true), &mut body)?;
        body.truncate(sealed.len().saturating_sub(TAG));
        Ok(body.freeze())
    }
}

fn nonce(number: u64, last: bool) -> Nonce {
    let [a, b, c, d, e, f, g, h] = number.to_be_bytes();
    Nonce::assume_unique_for_key([0, 0, 0, a, b, c, d, e, f, g, h, u8::from(last)])
}

/// Seals a stream; what goes wrong with it goes on.
pub(crate) fn seal<'a>(
    pieces: BoxStream<'a, Result<Bytes, BlobError>>,
    key: &'a DataKey,
) -> BoxStream<'a, Result<Bytes, BlobError>> {
    let sealer = Sealer { key, batch: Buffer::take(), begun: 0, number: 0 };
    let next = stream::unfold(Some((pieces, Bytes::new(), sealer)), |state| async move {
        let (mut pieces, mut rest, mut sealer) = state?;
        loop {
            match sealer.add(&mut rest) {
                Ok(Some(batch)) => return Some((Ok(batch), Some((pieces, rest, sealer)))),
                Ok(None) => {}
                Err(broken) => return Some((Err(failed(broken)), None)),
            }
            match pieces.next().await {
                Some(Ok(piece)) => rest = piece,
                Some(Err(error)) => return Some((Err(error), None)),
                None => {
                    let batch = sealer.finish().map_err(failed);
                    let is_empty = batch.as_ref().is_ok_and(Bytes::is_empty);
                    return (!is_empty).then_some((batch, None));
                }
            }
        }
    });
    next.boxed()
}

fn failed(broken: Broken) -> BlobError {
    BlobError::Body(Box::new(AwsError::from(broken)))
}

struct Sealer<'a> {
    key: &'a DataKey,
    /// Sealed segments, and behind them what has come of the next one.
    batch: Buffer,
    /// Where in the batch the open segment begins.
    begun: usize,
    number: u64,
}

impl Sealer<'_> {
    /// Takes bytes until there is a batch, or nothing left. A full segment waits until something follows: only then it
    /// isn't the last.
    fn add(&mut self, bytes: &mut Bytes) -> Result<Option<Bytes>, Broken> {
        while !bytes.is_empty() {
            let room = SEGMENT - (self.batch.len() - self.begun);
            if room == 0 {
                self.close(false)?;
                if self.batch.len() >= BATCH {
                    self.begun = 0;
                    return Ok(Some(std::mem::replace(&mut self.batch, Buffer::take()).freeze()));
                }
                continue;
            }
            self.batch.extend_from_slice(&bytes.split_to(room.min(bytes.len())));
        }
        Ok(None)
    }

    fn close(&mut self, last: bool) -> Result<(), Broken> {
        let segment = self.batch.get_mut(self.begun..).ok_or(Broken)?;
        let tag = self.key.seal((self.number, last), segment)?;
        self.batch.extend_from_slice(&tag);
        self.begun = self.batch.len();
        self.number += 1;
        Ok(())
    }

    fn finish(mut self) -> Result<Bytes, Broken> {
        if self.batch.len() > self.begun {
            self.close(true)?;
        }
        Ok(self.batch.freeze())
    }
}

/// Which segments a range of a body lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// The first segment's number.
    number: u64,
    /// Of the whole body, in bytes.
    size: u64,
    /// Before the range, in the first segment.
    skip: usize,
    /// Of the range, in bytes.
    left: u64,
}

impl Window {
    /// `length`: not zero.
    pub(crate) fn new(start: u64, length: u64, size: u64) -> Self {
        let segment = SEGMENT as u64;
        let skip = usize::try_from(start % segment).unwrap_or(0);
        Self { number: start / segment, size, skip, left: length }
    }

    /// Where these segments lie in what was sealed.
    pub(crate) fn range(&self) -> ByteRange {
        let (segment, sealed) = (SEGMENT as u64, (SEGMENT + TAG) as u64);
        let last = (self.number * segment + self.skip as u64 + self.left.max(1) - 1) / segment;
        let size = self.size + self.size.div_ceil(segment) * TAG as u64;
        let start = self.number * sealed;
        ByteRange::new(start, ((last + 1) * sealed).min(size).saturating_sub(start))
    }

    /// What the next segment has, with its tag.
    fn next(&self) -> usize {
        let behind = self.size.saturating_sub(self.number * SEGMENT as u64);
        usize::try_from(behind).unwrap_or(usize::MAX).min(SEGMENT) + TAG
    }

    fn is_last(&self) -> bool {
        (self.number + 1) * SEGMENT as u64 >= self.size
    }

    /// What of an opened segment is in the range.
    fn cut(&mut self, mut segment: Bytes) -> Bytes {
        segment.advance(self.skip.min(segment.len()));
        segment.truncate(usize::try_from(self.left).unwrap_or(usize::MAX));
        self.skip = 0;
        self.left -= segment.len() as u64;
        self.number += 1;
        segment
    }
}

/// Opens the segments of a window.
pub(crate) fn open(pieces: Pieces, key: DataKey, window: Window) -> Pieces {
    let state = Some((pieces, Bytes::new(), window, key));
    let next = stream::unfold(state, |state| async move {
        let (mut pieces, mut rest, mut window, key) = state?;
        if window.left == 0 {
            return None;
        }
        let mut segment = match gather(&mut pieces, &mut rest, window.next()).await {
            Ok(segment) => segment,
            Err(error) => return Some((Err(error), None)),
        };
        if let Err(broken) = key.open((window.number, window.is_last()), &mut segment) {
            return Some((Err(broken.into()), None));
        }
        segment.truncate(segment.len() - TAG);
        let piece = window.cut(segment.freeze());
        Some((Ok(piece), Some((pieces, rest, window, key))))
    });
    next.boxed()
}

/// So many bytes of the stream.
async fn gather(pieces: &mut Pieces, rest: &mut Bytes, length: usize) -> Result<BytesMut, AwsError> {
    let mut gathered = BytesMut::with_capacity(length);
    loop {
        let missing = length - gathered.len();
        gathered.extend_from_slice(&rest.split_to(missing.min(rest.len())));
        if gathered.len() == length {
            return Ok(gathered);
        }
        *rest = match pieces.next().await {
            Some(piece) => piece?,
            None => return Err(Broken.into()),
        };
    }
}

#[cfg(test)]
mod tests {
    use futures_util::TryStreamExt as _;

    use super::*;

    fn key() -> DataKey {
        DataKey::new(&[7; 32]).unwrap()
    }

    fn body(size: usize) -> Vec<u8> {
        (0..size).map(|at| u8::try_from(at % 251).unwrap()).collect()
    }

    async fn sealed(body: &[u8], piece: usize) -> Vec<u8> {
        let pieces: Vec<_> = body.chunks(piece).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        let key = key();
        let all: Vec<Bytes> = seal(stream::iter(pieces).boxed(), &key).try_collect().await.unwrap();
        all.concat()
    }

    async fn opened(sealed: &[u8], window: Window, piece: usize) -> Result<Vec<u8>, AwsError> {
        let ByteRange { start, len } = window.range();
        let (start, len) = (usize::try_from(start).unwrap(), usize::try_from(len.unwrap()).unwrap());
        let part = sealed.get(start..start + len).unwrap_or(&sealed[start..]);
        let pieces: Vec<_> = part.chunks(piece).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        let all: Vec<Bytes> = open(stream::iter(pieces).boxed(), key(), window).try_collect().await?;
        Ok(all.concat())
    }

    #[tokio::test]
    async fn any_range_is_read_from_its_own_segments() {
        for size in [1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 4 * SEGMENT, 4 * SEGMENT + 1, 5 * SEGMENT + 77] {
            let body = body(size);
            let sealed = sealed(&body, 10_007).await;
            assert_eq!(sealed.len(), size + size.div_ceil(SEGMENT) * TAG);
            let starts = [0, 1, SEGMENT - 1, SEGMENT, 3 * SEGMENT + 5, size - 1];
            for start in starts.into_iter().filter(|start| *start < size) {
                for length in [1, 2, SEGMENT, SEGMENT + 1, size].map(|length| length.min(size - start)) {
                    let window = Window::new(start as u64, length as u64, size as u64);
                    let part = opened(&sealed, window, 70_001).await.unwrap();
                    assert!(part == body[start..start + length], "{size} {start} {length}");
                }
            }
        }
        assert_eq!(sealed(&[], 1).await, [0; 0]);
    }

    #[tokio::test]
    async fn what_was_changed_moved_or_cut_off_is_not_opened() {
        let size = 3 * SEGMENT;
        let whole = sealed(&body(size), 1 << 20).await;
        let all = Window::new(0, size as u64, size as u64);
        assert!(opened(&whole, all, 1 << 20).await.is_ok());
        let mut changed = whole.clone();
        changed[SEGMENT + 5] ^= 1;
        assert!(opened(&changed, all, 1 << 20).await.is_err());
        let mut moved = whole.clone();
        moved.rotate_left(SEGMENT + TAG);
        assert!(opened(&moved, all, 1 << 20).await.is_err());
        let cut = &whole[..2 * (SEGMENT + TAG)];
        assert!(opened(cut, all, 1 << 20).await.is_err());
        let shorter = Window::new(0, 2 * SEGMENT as u64, 2 * SEGMENT as u64);
        assert!(opened(cut, shorter, 1 << 20).await.is_err(), "its last segment isn't the last");
    }

    #[test]
    fn small_bodies_are_one_segment() {
        let sealed = key().seal_small(b"abc").unwrap();
        assert_eq!(sealed.len(), 3 + TAG);
        assert_eq!(key().open_small(&sealed).unwrap(), "abc");
        assert_eq!(key().open_small(&sealed[..TAG]), Err(Broken));
        assert_eq!(DataKey::new(&[8; 32]).unwrap().open_small(&sealed), Err(Broken));
        assert!(key().open_small(&key().seal_small(b"").unwrap()).unwrap().is_empty());
    }

    /// On disks: may never change.
    #[test]
    fn golden_segments() {
        let sealed = key().seal_small(b"abc").unwrap();
        assert_eq!(updraft_kernel::hex(&sealed), "512adafc5768954ea2d90b9e73e90e96aaefca");
    }
}
