//! Going through a snapshot from its beginning to its end: what is in it, and that all of it is as it must be.

use bytes::Bytes;
use tokio::io::AsyncRead;
use updraft_blob::BlobId;
use updraft_store::{format, tags};

use crate::crc::Crc;
use crate::error::SnapshotError;
use crate::layout::{BlobEnd, BlobHead, End, Head, Kind, Totals, decode};
use crate::read::{Frame, FrameReader};
use crate::rows::{self, Pair};

/// What a snapshot is made of, in the order in which it comes.
#[derive(Debug)]
pub(crate) enum Item {
    /// In key order, all of them.
    Rows(Vec<Pair>),
    /// A blob begins; its pieces follow.
    Blob {
        id: BlobId,
        size: u64,
    },
    Piece(Bytes),
    /// The blob that began was whole and is as it was.
    BlobEnd,
}

/// The blob that its pieces are being read of.
struct Open {
    size: u64,
    seen: u64,
    crc: Crc,
}

pub(crate) struct Walk<R> {
    frames: FrameReader<R>,
    totals: Totals,
    last_key: Bytes,
    last_blob: Option<BlobId>,
    open: Option<Open>,
    ended: bool,
}

impl<R: AsyncRead + Unpin + Send> Walk<R> {
    /// Reads where the snapshot is from.
    pub(crate) async fn begin(source: R) -> Result<(Head, Self), SnapshotError> {
        let mut frames = FrameReader::begin(source).await?;
        let frame = frames.frame().await?;
        if frame.kind != Kind::Head {
            return Err(SnapshotError::damaged(frame.at, "it doesn't begin with its head"));
        }
        let head: Head = decode(&frame.payload, frame.at)?;
        if head.data_format > format::MAJOR {
            return Err(SnapshotError::NewerData { found: head.data_format, known: format::MAJOR });
        }
        let walk = Self {
            frames,
            totals: Totals::default(),
            last_key: Bytes::new(),
            last_blob: None,
            open: None,
            ended: false,
        };
        Ok((head, walk))
    }

    /// `None`: that was all, and all of it is good.
    pub(crate) async fn next(&mut self) -> Result<Option<Item>, SnapshotError> {
        if self.ended {
            return Ok(None);
        }
        let frame = self.frames.frame().await?;
        match frame.kind {
            Kind::Rows if self.open.is_none() && self.totals.blobs == 0 => self.rows(&frame).map(Some),
            Kind::Blob if self.open.is_none() => self.blob(&frame).map(Some),
            Kind::Piece => self.piece(frame).map(Some),
            Kind::BlobEnd => self.blob_end(&frame).map(Some),
            Kind::End if self.open.is_none() => {
                self.end(&frame)?;
                self.frames.finish().await?;
                self.ended = true;
                Ok(None)
            }
            _ => Err(SnapshotError::damaged(frame.at, "a frame stands where none of its kind may")),
        }
    }

    pub(crate) fn totals(&self) -> Totals {
        self.totals
    }

    /// How many bytes of the file were read.
    pub(crate) fn at(&self) -> u64 {
        self.frames.at()
    }

    fn rows(&mut self, frame: &Frame) -> Result<Item, SnapshotError> {
        let rows = rows::decode(&frame.payload, frame.at)?;
        for (key, value) in &rows {
            if *key <= self.last_key {
                return Err(SnapshotError::damaged(frame.at, "rows are out of order"));
            }
            if key.first().is_none_or(|tag| *tag <= tags::META) {
                return Err(SnapshotError::damaged(frame.at, "it holds a row of a store's own"));
            }
            self.last_key = key.clone();
            self.totals.rows += 1;
            self.totals.row_bytes += length(key) + length(value);
        }
        Ok(Item::Rows(rows))
    }

    fn blob(&mut self, frame: &Frame) -> Result<Item, SnapshotError> {
        let BlobHead { id, size } = decode(&frame.payload, frame.at)?;
        let id = BlobId::parse(&id).map_err(|_| SnapshotError::damaged(frame.at, "a blob's name is none"))?;
        if self.last_blob.as_ref().is_some_and(|last| *last >= id) {
            return Err(SnapshotError::damaged(frame.at, "blobs are out of order"));
        }
        self.last_blob = Some(id.clone());
        self.totals.blobs += 1;
        self.open = Some(Open { size, seen: 0, crc: Crc::new() });
        Ok(Item::Blob { id, size })
    }

    fn piece(&mut self, frame: Frame) -> Result<Item, SnapshotError> {
        let Some(open) = &mut self.open else {
            return Err(SnapshotError::damaged(frame.at, "a piece belongs to no blob"));
        };
        open.seen += length(&frame.payload);
        if open.seen > open.size {
            return Err(SnapshotError::damaged(frame.at, "a blob is longer than it says"));
        }
        open.crc.add(&frame.payload);
        self.totals.blob_bytes += length(&frame.payload);
        Ok(Item::Piece(frame.payload.into()))
    }

    fn blob_end(&mut self, frame: &Frame) -> Result<Item, SnapshotError> {
        let BlobEnd { crc } = decode(&frame.payload, frame.at)?;
        let whole = self.open.take().is_some_and(|open| open.seen == open.size && open.crc.value() == crc);
        if whole { Ok(Item::BlobEnd) } else { Err(SnapshotError::damaged(frame.at, "a blob isn't what it was")) }
    }

    fn end(&self, frame: &Frame) -> Result<(), SnapshotError> {
        let End { totals, crc } = decode(&frame.payload, frame.at)?;
        if totals != self.totals {
            return Err(SnapshotError::damaged(frame.at, "it doesn't hold as much as its end says"));
        }
        if crc != frame.crc_before {
            return Err(SnapshotError::damaged(frame.at, "its checksum is wrong"));
        }
        Ok(())
    }
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
