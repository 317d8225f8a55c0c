//! Blobs that were never kept.

use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use updraft_blob::{BlobBody, BlobError, BlobId, BlobInfo, BlobStream, Blobs, ByteRange, Stored};
use updraft_kernel::{BoxFuture, UnixMillis};

const NOISE: usize = 4 << 20;
const PIECE: usize = 1 << 16;

/// At most one blob, of noise that is cut off a small piece of it; and nothing can be put there.
#[derive(Debug)]
pub(crate) struct StubBlobs {
    size: Option<u64>,
    noise: Bytes,
}

impl StubBlobs {
    /// One of this size, a multiple of 64 KiB.
    pub(crate) fn of(size: u64) -> Self {
        Self { size: Some(size), noise: noise(NOISE) }
    }

    /// None at all.
    pub(crate) fn broken() -> Self {
        Self { size: None, noise: Bytes::new() }
    }

    fn body(&self, size: u64) -> BlobBody {
        let noise = self.noise.clone();
        let pieces = (0..usize::try_from(size).unwrap() / PIECE).map(move |n| {
            let from = n * PIECE % NOISE;
            Ok(noise.slice(from..from + PIECE))
        });
        BlobBody { size, len: size, stream: stream::iter(pieces).boxed() }
    }
}

/// What doesn't compress.
pub(crate) fn noise(len: usize) -> Bytes {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(len).collect()
}

fn refused<'a>() -> BoxFuture<'a, Result<Stored, BlobError>> {
    Box::pin(async { Err(BlobError::Io(std::io::Error::other("the disk is gone"))) })
}

impl Blobs for StubBlobs {
    fn put<'a>(&'a self, _: BlobStream<'a>) -> BoxFuture<'a, Result<Stored, BlobError>> {
        refused()
    }
    fn put_as<'a>(&'a self, _: &'a BlobId, _: BlobStream<'a>) -> BoxFuture<'a, Result<Stored, BlobError>> {
        refused()
    }
    fn get<'a>(&'a self, _: &'a BlobId, _: ByteRange) -> BoxFuture<'a, Result<BlobBody, BlobError>> {
        Box::pin(async { Ok(self.body(self.size.unwrap())) })
    }
    fn size<'a>(&'a self, _: &'a BlobId) -> BoxFuture<'a, Result<Option<u64>, BlobError>> {
        Box::pin(async { Ok(self.size) })
    }
    fn delete<'a>(&'a self, _: &'a BlobId) -> BoxFuture<'a, Result<(), BlobError>> {
        Box::pin(async { Ok(()) })
    }
    fn list<'a>(&'a self, after: Option<&'a BlobId>, _: usize) -> BoxFuture<'a, Result<Vec<BlobInfo>, BlobError>> {
        let id = BlobId::parse(&"a".repeat(32)).unwrap();
        let page = self.size.filter(|_| after.is_none()).map(|size| BlobInfo { id, size, written: UnixMillis(0) });
        Box::pin(async { Ok(page.into_iter().collect()) })
    }
}
