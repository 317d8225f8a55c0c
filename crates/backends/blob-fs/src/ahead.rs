//! A file read in pieces, the next one while the one before is on its way.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream::try_unfold;
use tokio::task::JoinHandle;
use updraft_blob::{BlobError, Buffer};

/// Bytes of one piece. Two of them are held for each body on its way out.
const PIECE: u64 = 256 * 1024;

/// What is left of a body, and the piece that is being read.
struct Rest {
    file: Arc<File>,
    start: u64,
    len: u64,
    reading: Option<JoinHandle<io::Result<Bytes>>>,
}

/// `len` bytes of the file from `start` on. That it ends before is an error, as files are never changed.
pub(crate) fn pieces(file: File, start: u64, len: u64) -> impl Stream<Item = Result<Bytes, BlobError>> + Send {
    let rest = Rest { file: Arc::new(file), start, len, reading: None };
    try_unfold(rest, |mut rest| async move {
        if rest.reading.is_none() {
            rest.begin();
        }
        let Some(reading) = rest.reading.take() else { return Ok(None) };
        let piece = reading.await.map_err(io::Error::other)??;
        rest.begin();
        Ok(Some((piece, rest)))
    })
}

impl Rest {
    fn begin(&mut self) {
        if self.len == 0 {
            return;
        }
        let (file, start, len) = (Arc::clone(&self.file), self.start, self.len.min(PIECE));
        self.start += len;
        self.len -= len;
        // Taken here and not over there: what a thread of those that wait for disks allocates stays in a heap of its own, of
        // which there are as many as there were bodies at once.
        let mut piece = Buffer::take();
        piece.resize(usize::try_from(len).unwrap_or(0), 0);
        self.reading = Some(tokio::task::spawn_blocking(move || {
            file.read_exact_at(&mut piece, start)?;
            Ok(piece.freeze())
        }));
    }
}
