//! Reading frames: each whole, undamaged and in its place, or an error.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt};
use zstd::bulk::Decompressor;

use crate::crc::Crc;
use crate::error::SnapshotError;
use crate::layout::{FRAME_HEAD, FrameHead, Kind, PLAIN_LIMIT, PREAMBLE, check_preamble};

/// A frame that was found good.
pub(crate) struct Frame {
    pub(crate) kind: Kind,
    pub(crate) payload: Vec<u8>,
    /// Where it begins.
    pub(crate) at: u64,
    /// The checksum of everything before it.
    pub(crate) crc_before: u32,
}

pub(crate) struct FrameReader<R> {
    source: R,
    crc: Crc,
    at: u64,
    number: u32,
    decompressor: Decompressor<'static>,
}

impl<R: AsyncRead + Unpin + Send> FrameReader<R> {
    /// Reads the preamble.
    pub(crate) async fn begin(source: R) -> Result<Self, SnapshotError> {
        let decompressor = Decompressor::new()?;
        let mut reader = Self { source, crc: Crc::new(), at: 0, number: 0, decompressor };
        let mut preamble = [0; PREAMBLE];
        let whole = reader.fill(&mut preamble).await;
        // What is too short and begins otherwise isn't cut off: it is something else.
        if whole.is_err() && !crate::layout::preamble().starts_with(trimmed(&preamble, reader.at)) {
            return Err(SnapshotError::Foreign);
        }
        whole?;
        check_preamble(preamble)?;
        Ok(reader)
    }

    /// How far it has read.
    pub(crate) fn at(&self) -> u64 {
        self.at
    }

    pub(crate) async fn frame(&mut self) -> Result<Frame, SnapshotError> {
        let (at, crc_before) = (self.at, self.crc.value());
        let mut head = [0; FRAME_HEAD];
        self.fill(&mut head).await?;
        let (head, crc) = FrameHead::decode(head);
        let (plain, stored) = (length(head.plain), length(head.stored));
        // Before anything is believed that a flipped bit may have made huge.
        if plain > PLAIN_LIMIT || stored > zstd::zstd_safe::compress_bound(PLAIN_LIMIT) {
            return Err(SnapshotError::damaged(at, "a frame says that it is larger than frames are"));
        }
        let mut bytes = vec![0; stored];
        self.fill(&mut bytes).await?;
        if Crc::of(&[&head.encode(), &bytes]) != crc {
            return Err(SnapshotError::damaged(at, "a frame's checksum is wrong"));
        }
        self.in_place(&head, at)?;
        let kind = Kind::of(head.kind).ok_or_else(|| SnapshotError::damaged(at, "a frame's kind is unknown"))?;
        let payload = self.decompress(&bytes, plain, at)?;
        Ok(Frame { kind, payload, at, crc_before })
    }

    /// # Errors
    /// If anything follows.
    pub(crate) async fn finish(&mut self) -> Result<(), SnapshotError> {
        let mut more = [0; 1];
        match self.source.read(&mut more).await? {
            0 => Ok(()),
            _ => Err(SnapshotError::damaged(self.at, "something follows its end")),
        }
    }

    fn in_place(&mut self, head: &FrameHead, at: u64) -> Result<(), SnapshotError> {
        if head.number != self.number {
            let what = format!("frame {} stands where frame {} belongs", head.number, self.number);
            return Err(SnapshotError::damaged(at, what));
        }
        self.number += 1;
        Ok(())
    }

    fn decompress(&mut self, stored: &[u8], plain: usize, at: u64) -> Result<Vec<u8>, SnapshotError> {
        let unpacked = self.decompressor.decompress(stored, plain).ok().filter(|unpacked| unpacked.len() == plain);
        unpacked.ok_or_else(|| SnapshotError::damaged(at, "a frame can't be unpacked"))
    }

    async fn fill(&mut self, into: &mut [u8]) -> Result<(), SnapshotError> {
        let mut filled = 0;
        while let Some(rest) = into.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            let read = match self.source.read(rest).await {
                Err(err) if err.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            if read == 0 {
                return Err(SnapshotError::Truncated { at: self.at });
            }
            self.crc.add(rest.get(..read).unwrap_or_default());
            self.at += u64::try_from(read).unwrap_or_default();
            filled += read;
        }
        Ok(())
    }
}

/// The bytes that were there.
fn trimmed(buffer: &[u8], len: u64) -> &[u8] {
    usize::try_from(len).ok().and_then(|len| buffer.get(..len)).unwrap_or(buffer)
}

fn length(of: u32) -> usize {
    usize::try_from(of).unwrap_or(usize::MAX)
}
